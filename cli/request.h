/* request.h - a request from the command line: -X METHOD, -H 'Field: value'.
 * SPDX-License-Identifier: MIT */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H

#include "args.h"
#include "edgestatic.h"

extern const struct option_spec request_option_table[];

struct request {
  edgestatic_request core;
  char *joined[EDGESTATIC_FIELD_ROOM]; /* values that came several times */
};

/* Reads the verb's options and its operands PACK and TARGET.  Returns 0, or
 * the exit code; -1 stands for args->exit. */
int request_parse(struct request *request, struct args *args);
void request_free(struct request *request);

#endif

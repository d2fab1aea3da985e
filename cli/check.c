/* check.c - `edgestatic check`: does a running server answer as the pack does?
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "args.h"
#include "packfile.h"
#include "probe.h"
#include "progress.h"
#include "say.h"
#include "term.h"
#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Requests under way at a time: hides the way to a distant server, and is no
 * load for a near one. */
enum { PROBES = 8 };

static const struct option_spec options[] = {
    {'q', "quiet", NULL, "print differences only"},
    {0, NULL, NULL, NULL},
};

struct check {
  const edgestatic_store *store;
  char *base; /* URL without its last slashes */
  CURLM *multi;
  struct probe *probe[PROBES];
  /* The next question: variant of an asset, as new and then revalidated. */
  uint32_t asset, variant;
  bool revalidate;
  uint64_t asked, answered, total;
  unsigned running, differences;
  bool failed; /* told: no server, or no memory */
};

/* Returns false when all was asked. */
static bool next_question(struct check *check,
                          struct probe_question *question) {
  while (check->asset < edgestatic_store_asset_count(check->store)) {
    edgestatic_asset asset = edgestatic_store_asset(check->store, check->asset);
    if (check->variant == asset.variant_count) {
      check->variant = 0;
      check->asset++;
      continue;
    }
    edgestatic_variant variant =
        edgestatic_store_variant(check->store, asset.variant + check->variant);
    edgestatic_slice coding = edgestatic_coding_name((int)variant.coding);
    bool second = check->revalidate;
    check->revalidate = !second && coding.base && variant.etag.len > 0;
    if (!check->revalidate)
      check->variant++;
    if (!coding.base)
      continue;
    *question = (struct probe_question){
        .path = asset.path,
        .missing = asset.flags != 0,
        .navigation = (asset.flags & EDGESTATIC_ASSET_FALLBACK) != 0,
        .accept_encoding = coding,
    };
    if (second)
      question->if_none_match = variant.etag;
    if (variant.dictionary)
      question->dictionary =
          edgestatic_store_dictionary(check->store, variant.dictionary - 1)
              .sha256;
    return true;
  }
  return false;
}

static void no_memory(struct check *check) {
  say_error("%s", edgestatic_strerror(EDGESTATIC_ERR_MEMORY));
  check->failed = true;
}

static void ask(struct check *check, struct probe *probe) {
  struct probe_question question;
  if (check->failed || !next_question(check, &question))
    return;
  if (probe_ask(probe, check->base, &question) != 0 ||
      curl_multi_add_handle(check->multi, probe->easy) != CURLM_OK) {
    no_memory(check);
    return;
  }
  check->asked++;
  check->running++;
}

/* There is no use in asking on. */
static bool is_no_server(CURLcode result) {
  return result == CURLE_COULDNT_CONNECT ||
         result == CURLE_COULDNT_RESOLVE_HOST ||
         result == CURLE_COULDNT_RESOLVE_PROXY ||
         result == CURLE_SSL_CONNECT_ERROR ||
         result == CURLE_PEER_FAILED_VERIFICATION ||
         result == CURLE_UNSUPPORTED_PROTOCOL ||
         result == CURLE_URL_MALFORMAT || result == CURLE_OPERATION_TIMEDOUT;
}

static void take_answer(struct check *check, CURL *easy, CURLcode result) {
  struct probe *probe = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&probe);
  check->running--;
  check->answered++;
  if (is_no_server(result)) {
    if (!check->failed)
      say_error("%s: %s", probe->url, curl_easy_strerror(result));
    check->failed = true;
  } else {
    check->differences += probe_compare(probe, result);
  }
  curl_multi_remove_handle(check->multi, easy);
  ask(check, probe);
}

static void run_all(struct check *check) {
  for (int i = 0; i < PROBES; i++)
    ask(check, check->probe[i]);
  while (check->running > 0) {
    int still, left;
    if (curl_multi_perform(check->multi, &still) != CURLM_OK ||
        curl_multi_poll(check->multi, NULL, 0, still ? 1000 : 0, NULL) !=
            CURLM_OK) {
      no_memory(check);
      return;
    }
    const CURLMsg *message;
    while ((message = curl_multi_info_read(check->multi, &left)) != NULL)
      take_answer(check, message->easy_handle, message->data.result);
    progress_at(check->answered, check->total, check->answered, check->total,
                "answers");
  }
}

/* What will be asked. */
static uint64_t count_questions(const edgestatic_store *store) {
  struct check counter = {.store = store};
  struct probe_question question;
  uint64_t n = 0;
  while (next_question(&counter, &question))
    n++;
  return n;
}

static int open_all(struct check *check) {
  check->multi = curl_multi_init();
  if (!check->multi)
    return -1;
  curl_multi_setopt(check->multi, CURLMOPT_MAXCONNECTS, (long)PROBES);
  for (int i = 0; i < PROBES; i++) {
    check->probe[i] = malloc(sizeof *check->probe[i]);
    if (!check->probe[i] || probe_init(check->probe[i], check->store) != 0)
      return -1;
  }
  return 0;
}

static void close_all(struct check *check) {
  for (int i = 0; i < PROBES; i++)
    if (check->probe[i]) {
      if (check->probe[i]->easy && check->multi)
        curl_multi_remove_handle(check->multi, check->probe[i]->easy);
      probe_free(check->probe[i]);
      free(check->probe[i]);
    }
  if (check->multi)
    curl_multi_cleanup(check->multi);
}

static int check_all(struct check *check, bool quiet) {
  check->total = count_questions(check->store);
  progress_begin("checking", quiet);
  if (open_all(check) == 0)
    run_all(check);
  else
    no_memory(check);
  close_all(check);
  progress_end();
  if (check->failed)
    return CLI_NETWORK;
  if (check->differences > 0) {
    say_error("%u %s in %llu answers", check->differences,
              check->differences == 1 ? "difference" : "differences",
              (unsigned long long)check->answered);
    return CLI_DIFFERENT;
  }
  char count[TERM_SIZE_MAX + 4];
  if (!quiet)
    printf("good: %s answers are as they should be\n",
           term_count(count, check->answered));
  return CLI_OK;
}

/* "http://host/prefix/" without its last slashes, or NULL. */
static char *base_of(const char *url) {
  if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
    return NULL;
  if (strpbrk(url, "?#"))
    return NULL;
  char *base = strdup(url);
  if (!base)
    return NULL;
  size_t len = strlen(base);
  while (base[len - 1] == '/')
    base[--len] = '\0';
  return base;
}

static int run(struct args *args) {
  bool quiet = false;
  int id;
  while ((id = args_next(args)) > 0)
    quiet = true;
  if (id < 0)
    return args->exit;
  struct check check = {.base = base_of(args->operand[0])};
  if (!check.base) {
    say_error("%s is no URL of a site, as http://127.0.0.1:8080/",
              args->operand[0]);
    say_hint("see `edgestatic check --help'");
    return CLI_USAGE;
  }
  int status = CLI_INPUT;
  edgestatic_pack *pack = packfile_open(args->operand[1]);
  if (pack) {
    check.store = edgestatic_pack_store(pack);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    status = check_all(&check, quiet);
    curl_global_cleanup();
  }
  edgestatic_pack_unref(pack);
  free(check.base);
  return status;
}

const struct verb verb_check = {
    "check",
    "compare the answers of a running server with a pack",
    {"URL", "PACK", NULL},
    {options, NULL},
    "Asks the server at URL for every path in every coding, and again with "
    "the\n"
    "ETag, and compares status, fields and content with what the pack would\n"
    "answer.  Prints a line for each difference.  Fields that only the server\n"
    "has (Date, Server, Via ...) do not matter.",
    "  edgestatic check http://127.0.0.1:8080/ site.edgepack\n"
    "  # does the CDN in front change anything?\n"
    "  edgestatic check https://www.example.com/ site.edgepack",
    run};

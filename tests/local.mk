# Unit tests are programs of the Check framework, one for each module; they
# link the convenience libraries, so that hidden functions are testable.
EXTRA_DIST += \
  %D%/mkpack.h \
  %D%/util.h

if HAVE_CHECK
core_checks = \
  %D%/check_respond
check_PROGRAMS += $(core_checks)
TESTS += $(core_checks)
%C%_check_respond_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_respond_LDADD = libcore.la $(CHECK_LIBS)
endif

# The input side of the builder.
EXTRA_DIST += \
  %D%/ignore_table.h \
  %D%/memtest.h \
  %D%/messages.h

if HAVE_CHECK
input_checks = \
  %D%/check_glob \
  %D%/check_ignore \
  %D%/check_mem
check_PROGRAMS += $(input_checks)
TESTS += $(input_checks)
%C%_check_glob_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_glob_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_ignore_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_ignore_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
%C%_check_mem_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_mem_LDADD = libbuild.la libcore.la $(CHECK_LIBS)
endif

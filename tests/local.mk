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

# A site's releases: part of the builder.
libbuild_la_SOURCES += \
  %D%/asks.c \
  %D%/asks.h \
  %D%/cover.c \
  %D%/cover.h \
  %D%/diff.c \
  %D%/kept.c \
  %D%/kept.h \
  %D%/place.c \
  %D%/place.h \
  %D%/purge.c \
  %D%/site.c \
  %D%/site_expire.c \
  %D%/site_gc.c \
  %D%/site_release.c \
  %D%/site_show.c \
  %D%/siteio.c \
  %D%/siteio.h \
  %D%/state.c \
  %D%/state.h \
  %D%/store.c \
  %D%/store.h \
  %D%/view.c \
  %D%/view.h

if WITH_MHD
lib_LTLIBRARIES += libedgestatic_mhd.la
include_HEADERS += include/edgestatic_mhd.h
libedgestatic_mhd_la_SOURCES =
libedgestatic_mhd_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden $(MHD_CFLAGS)
libedgestatic_mhd_la_LIBADD = libedgestatic.la $(MHD_LIBS)
libedgestatic_mhd_la_LDFLAGS = -version-info $(EDGESTATIC_MHD_LT) -no-undefined
endif

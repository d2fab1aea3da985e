# The manual.  Each page of section 3 goes by the name of each function that it
# describes, too, so that `man edgestatic_builder_add' finds it.
dist_man_MANS += \
  %D%/edgestatic-dictionaries.7 \
  %D%/edgestatic-pack.5 \
  %D%/edgestatic-rules.5 \
  %D%/edgestatic-site.5 \
  %D%/edgestatic.3 \
  %D%/edgestatic_builder.3 \
  %D%/edgestatic_builder_add_pack.3 \
  %D%/edgestatic_diff.3 \
  %D%/edgestatic_live.3 \
  %D%/edgestatic_pack_open.3 \
  %D%/edgestatic_policy.3 \
  %D%/edgestatic_respond.3 \
  %D%/edgestatic_rules.3 \
  %D%/edgestatic_site.3 \
  %D%/edgestatic_store_open.3
if WITH_CLI
dist_man_MANS += %D%/edgestatic.1
else
EXTRA_DIST += %D%/edgestatic.1
endif
if WITH_MHD
dist_man_MANS += %D%/edgestatic_mhd.3
else
EXTRA_DIST += %D%/edgestatic_mhd.3
endif

man_aliases = $(SED) -n -e '/^\.Sh LIBRARY/q' -e 's/^\.Nm \(edgestatic_[a-z_]*\).*/\1/p'

install-data-hook:
	cd $(DESTDIR)$(man3dir) && for page in edgestatic*.3; do \
	  test ! -h $$page || continue; \
	  for name in `$(man_aliases) $$page`; do \
	    test -e $$name.3 || $(LN_S) $$page $$name.3; \
	  done; \
	done

uninstall-hook:
	cd $(srcdir)/%D% && for page in edgestatic*.3; do \
	  for name in `$(man_aliases) $$page`; do \
	    rm -f $(DESTDIR)$(man3dir)/$$name.3; \
	  done; \
	done

# make install: a bare server, deploy/systemd/README.md. Nothing here needs root where DESTDIR is one's own.
PREFIX      ?= /opt/ttboost
DATADIR     ?= $(PREFIX)/share/ttboost
UNITDIR     ?= /usr/local/lib/systemd/system
SYSUSERSDIR ?= /usr/local/lib/sysusers.d
TMPFILESDIR ?= /usr/local/lib/tmpfiles.d
DROP_INS    := ttboost-.service.d/10-common.conf nats-server.service.d/ttboost.conf postgresql@.service.d/ttboost.conf
# Names below deploy/, which stay as they are below DATADIR.
DATA_FILES  := make-secrets nats/nats-server.conf nats/with-passwords postgres/init.sql postgres/prepare \
               nginx/ttboost.conf nginx/ttboost-locations.conf nginx/ttboost-files.conf systemd/README.md systemd/ttboost.env
# They are the operator's: written once, never over what is there, and left by uninstall.
OPERATORS   := /etc/ttboost/ttboost.env /etc/nginx/sites-available/ttboost.conf
INSTALLED    = $(addprefix $(PREFIX)/bin/,$(addprefix ttb-,$(DAEMONS) voice audio) ttboost-run) $(addprefix $(DATADIR)/,$(DATA_FILES)) \
               $(addprefix $(UNITDIR)/,ttboost.target $(DROP_INS) $(foreach d,$(DAEMONS),ttboost-$(d).service ttboost-$(d)@.service)) \
               $(SYSUSERSDIR)/ttboost.conf $(TMPFILESDIR)/ttboost.conf /etc/logrotate.d/ttboost

install_file = install -D -m $(1) $(2) $(DESTDIR)$(3)
substitute   = sed -e 's,@PREFIX@,$(PREFIX),g' -e 's,@DATADIR@,$(DATADIR),g' -e 's,/opt/ttboost/bin,$(PREFIX)/bin,g'

.PHONY: install uninstall
# A replica's unit is its daemon's, with a settings file of its own, and the instance is its ops port: ttboost-auth@9111.
install: $(addprefix $(BUILD)/bin/ttb-,$(DAEMONS) voice audio) ## install for systemd, below DESTDIR: binaries in PREFIX (/opt/ttboost), units, configuration
	@for p in $(addprefix ttb-,$(DAEMONS) voice audio); do $(call install_file,755 -s,$(BUILD)/bin/$$p,$(PREFIX)/bin/$$p) || exit; done
	@$(call install_file,755,deploy/systemd/ttboost-run,$(PREFIX)/bin/ttboost-run)
	@for f in $(DATA_FILES); do mode=644; [ ! -x deploy/$$f ] || mode=755; $(call install_file,$$mode,deploy/$$f,$(DATADIR)/$$f) || exit; done
	@$(call install_file,644,deploy/systemd/ttboost.sysusers,$(SYSUSERSDIR)/ttboost.conf)
	@$(call install_file,644,deploy/systemd/ttboost.tmpfiles,$(TMPFILESDIR)/ttboost.conf)
	@$(call install_file,644,deploy/systemd/ttboost.logrotate,/etc/logrotate.d/ttboost)
	@mkdir -p $(addprefix $(DESTDIR)$(UNITDIR)/,$(dir $(DROP_INS)))
	@for f in ttboost.target $(DROP_INS) $(DAEMONS:%=ttboost-%.service); do $(substitute) deploy/systemd/$$f >$(DESTDIR)$(UNITDIR)/$$f || exit; done
	@for d in $(DAEMONS); do \
	    sed -e '/^Description=/s/$$/, replica %i/' -e 's/^Environment=OPS_PORT=.*/Environment=OPS_PORT=%i/' \
	        $(DESTDIR)$(UNITDIR)/ttboost-$$d.service >$(DESTDIR)$(UNITDIR)/ttboost-$$d@.service || exit; done
	@mkdir -p $(addprefix $(DESTDIR),$(dir $(OPERATORS)))
	@[ -e $(DESTDIR)/etc/ttboost/ttboost.env ] || $(substitute) deploy/systemd/ttboost.env >$(DESTDIR)/etc/ttboost/ttboost.env
	@[ -e $(DESTDIR)/etc/nginx/sites-available/ttboost.conf ] || \
	    $(substitute) deploy/nginx/site.conf >$(DESTDIR)/etc/nginx/sites-available/ttboost.conf
	@echo "installed; next: $(DATADIR)/systemd/README.md"

uninstall: ## remove what install wrote, but not /etc/ttboost, nginx's site, data and logs
	@rm -f $(addprefix $(DESTDIR),$(INSTALLED))
	@rmdir -p --ignore-fail-on-non-empty $(addprefix $(DESTDIR),$(sort $(dir $(INSTALLED)))) 2>/dev/null || true

# Packages. The Makefile includes this file and defines VENV, BIN and LOCKS.
#
# make package writes everything that this machine can build into dist: wheel, sdist, and on Linux the
# frozen folder and the .deb. make test-package, as root, installs and uses them in fresh systems that
# debootstrap makes. make release does both, and adds the list of parts (SBOM) and the checksums. The
# same commit gives the same bytes, because all files get its time (SOURCE_DATE_EPOCH).
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null)
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' segcam/__init__.py)
STAGE = build/stage
FROZEN = build/frozen/segcam
RELEASE = build/venv
ROOTS ?= bookworm trixie noble
NAME = segcam-$(VERSION)-$(shell uname -s | tr A-Z a-z)-$(shell uname -m)

.PHONY: package wheel frozen deb test-package release

package: wheel frozen deb  ## Wheel, sdist, frozen folder and .deb, in dist.

wheel: stage $(RELEASE)/.tools
	rm -f dist/*.whl dist/segcam-$(VERSION).tar.gz
	$(RELEASE)/bin/pyproject-build --no-isolation -o dist $(STAGE)

.PHONY: stage
stage: $(VENV)/.runtime
	$(BIN)/python packaging/stage.py $(STAGE)

# The frozen program contains exactly the locked packages, so it has its own environment.
$(RELEASE)/.tools: packaging/requirements/release.txt packaging/requirements/runtime.txt
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/pip install --quiet --require-hashes -r packaging/requirements/runtime.txt
	$(RELEASE)/bin/pip install --quiet --require-hashes -r packaging/requirements/release.txt
	@touch $@

frozen: wheel
	$(RELEASE)/bin/pip install --quiet --no-deps --force-reinstall dist/segcam-$(VERSION)-py3-none-any.whl
	PYTHONHASHSEED=1 $(RELEASE)/bin/pyinstaller --noconfirm --log-level ERROR \
		--distpath build/frozen --workpath build/pyinstaller packaging/pyinstaller/segcam.spec
	rm -f dist/$(NAME).tar.zst
	tar -C build/frozen --sort=name --mtime=@$(SOURCE_DATE_EPOCH) --owner=0 --group=0 --numeric-owner \
		--mode=u+rwX,go+rX,go-w -cf - segcam | zstd -q -T0 -9 -o dist/$(NAME).tar.zst

deb: frozen
	$(BIN)/python packaging/linux/deb.py $(STAGE) $(FROZEN) dist

test-package: $(VENV)/.dev  ## Install and use the packages in fresh systems.
	$(call apt_if_missing,debootstrap zstd xvfb xdotool lintian desktop-file-utils appstream)
	ROOTS="$(ROOTS)" $(BIN)/pytest -v tests/package $(ARGS)

release: package test-package  ## Build and test everything that is published, with the list of parts and checksums.
	sed 's/^dynamic = .*/version = "$(VERSION)"/' pyproject.toml > build/named.toml
	$(RELEASE)/bin/cyclonedx-py requirements packaging/requirements/runtime.txt --pyproject build/named.toml \
		--output-reproducible --of JSON -o dist/segcam-$(VERSION).cdx.json
	$(BIN)/python packaging/sbom.py dist/segcam-$(VERSION).cdx.json
	cd dist && rm -f SHA256SUMS && sha256sum * > SHA256SUMS

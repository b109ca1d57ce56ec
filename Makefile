# workflow: AWS Step Functions inside PostgreSQL.
#
#   make demo        install what is missing, build, start a private server, run an order-fulfilment workflow
#   make demo-stop   stop that server and remove its data
#   make test        the same, and run every test; make test-unit, test-tap, … run one suite
#   make             build only (needs PostgreSQL's server headers);  make install  puts it into the system's PostgreSQL
#   make clean       remove all that was built
#
# To work on it: scripts/build, then scripts/server dev start, scripts/server dev psql; scripts/server says more.
#
# One build folder, in the tree: building out of the tree (VPATH) is not supported.

EXTENSION  = workflow
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" $(EXTENSION).control)
MODULE_big = workflow
OBJS       = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))

SQL_PARTS  = $(sort $(wildcard sql/parts/*.sql))
DATA       = $(wildcard sql/$(EXTENSION)--*--*.sql)
DATA_built = sql/$(EXTENSION)--$(EXTVERSION).sql

# jansson: JSON; PCRE2: regular expressions in paths; OpenSSL's libcrypto: States.Hash.
LIBRARIES      = jansson libpcre2-8 libcrypto
LIBRARY_CFLAGS = $(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null)
LIBRARY_LIBS   = $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null || echo -ljansson -lpcre2-8 -lcrypto)

# -MMD -MP: PostgreSQL's makefiles know no header dependencies on Debian.  Warnings are errors in `make test` (COPT).
PG_CPPFLAGS = -Isrc $(LIBRARY_CFLAGS)
PG_CFLAGS   = -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-declaration-after-statement -Wno-missing-field-initializers -MMD -MP
SHLIB_LINK  = $(LIBRARY_LIBS) -Wl,--version-script=src/workflow.map

# Test suites that PostgreSQL's own drivers run.  Each makes a server of its own; `make test` calls them in a copy.
REGRESS        = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS   = --inputdir=test --load-extension=$(EXTENSION) \
                 --temp-instance=tmp_check_sql --temp-config=test/regress.conf --no-locale --encoding=UTF8
ISOLATION      = $(patsubst test/isolation/specs/%.spec,%,$(sort $(wildcard test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test/isolation --load-extension=$(EXTENSION) \
                 --temp-instance=tmp_check_isolation --temp-config=test/regress.conf --no-locale --encoding=UTF8
TAP_TESTS      = 1
PROVE_TESTS    = test/tap/*.pl

EXTRA_CLEAN = $(OBJS:.o=.d) results log output_iso tmp_check_sql tmp_check_isolation regression.diffs regression.out

# No bitcode: it would be built by another compiler, and does not see changes of headers.
override with_llvm = no

PG_CONFIG ?= pg_config
export PG_CONFIG
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)

ifneq ($(wildcard $(PGXS)),)
include $(PGXS)

$(shlib): src/workflow.map

sql/$(EXTENSION)--$(EXTVERSION).sql: $(SQL_PARTS) $(EXTENSION).control
	cat $(SQL_PARTS) > $@

-include $(OBJS:.o=.d)
else
# A machine without PostgreSQL's headers: `make demo` and `make test` install them (scripts/setup).
all install installcheck:
	@echo "PostgreSQL's server headers are missing ($(PG_CONFIG) --pgxs). Run scripts/setup, or install them." >&2; exit 1
clean:
	rm -rf $(EXTRA_CLEAN)
endif

# Unit tests of the plain-C half: target `unit`, without a server.
-include test/unit/unit.mk

SUITES = lint unit cases corpora differential regress isolation pgtap tap docs demo examples

.PHONY: demo demo-stop test test-sanitized $(SUITES:%=test-%) clean-build

demo:
	@scripts/setup demo && scripts/build && scripts/demo

demo-stop:
	@scripts/server demo remove

test:
	@scripts/test $(SUITES)

$(SUITES:%=test-%): test-%:
	@scripts/test $*

# The suites that need a server once more, with the server's assertions and UBSan in our own code.  What UBSan finds is in
# the servers' logs; the objects are made anew before and after.
test-sanitized:
	@rm -f $(OBJS) workflow.so
	@COPT='-DUSE_ASSERT_CHECKING -fsanitize=undefined' scripts/test regress isolation pgtap tap; status=$$?; \
	rm -f $(OBJS) workflow.so; \
	! grep -rhE --exclude=Makefile 'runtime error|TRAP:' build/work*/tree 2>/dev/null && exit $$status

clean: clean-build
clean-build:
	@scripts/clean

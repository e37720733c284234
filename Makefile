# Every target first sees to what it needs, and says what it installs.
PY := .venv/bin/python
PIP_FLAGS := --quiet --disable-pip-version-check --no-input
UV := .local/uv/bin/uv
PIN := $(UV) pip compile --quiet --generate-hashes --no-annotate --no-header
STAGE ?=
# The private database server of a stack and of the tests: mariadb or mysql.
DATABASE ?= mariadb

.PHONY: run up down test lint web template bench backtest dispatch-bench layers deploy deployments rollback pins mariadb mysql browser synapse local-slack clean

# ERP=tryton sends the demo's sales to a real Tryton instead of the simulated ERP.
run up: $(DATABASE) node_modules/installed .venv/installed web $(if $(filter tryton,$(ERP)),.local/tryton/installed)
	@ERP="$(ERP)" $(PY) -m stack $@

down: .venv/installed
	@$(PY) -m stack $@

# ARGS="-k outbox -x" goes to pytest. Each worker has a stack of its own; a file's tests stay together.
# DATABASE=mysql runs all of it on MySQL.
test: mariadb $(DATABASE) browser node_modules/installed .venv/installed web .local/tryton/installed
	$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

lint: node_modules/installed .venv/installed web
	npm run --silent typecheck
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	.venv/bin/lint-imports
	@$(MAKE) --no-print-directory template

# The pages of web/console, as a browser takes them, in build/web.
web: node_modules/installed
	@npm run --silent build

template: node_modules/installed .venv/installed
	npm run --silent template-lint

# ONLY=orders measures one concern. ONLY=console_ten alone fills 10,000 stores with 5 million orders, for minutes.
bench: mariadb browser node_modules/installed .venv/peers web
	@ONLY="$(ONLY)" $(PY) -m bench

# HISTORY=FILE ORIGINS=2016-12-23,2017-01-22 HORIZON=30 COUNTRY=JP OUT=DIR, and perhaps STORES=FILE. THREADS=4 forecasts
# four origins at once.
backtest: .venv/peers
	@$(PY) -m backtest --history "$(HISTORY)" --origins "$(ORIGINS)" --horizon "$(or $(HORIZON),30)" \
	  --country "$(COUNTRY)" --out "$(OUT)" $(if $(STORES),--stores "$(STORES)") $(if $(THREADS),--threads "$(THREADS)") \
	  $(if $(DAY_TWICE),--day-twice "$(DAY_TWICE)")

# INSTANCES=DIR OUT=DIR, and perhaps ARGS="--uncertain --decline-share 0.15": docs/develop/dispatch.md.
dispatch-bench: .venv/installed
	@$(PY) -m bench.dispatch --instances "$(INSTANCES)" --out "$(OUT)" $(ARGS)

layers: .venv/installed
	$(PY) layers/build.py

# The whole stage, or the stack of one concern: ONLY=members.
deploy: node_modules/installed .venv/installed
	@test -n "$(STAGE)" || { echo "Which stage? make deploy STAGE=staging"; exit 1; }
	$(MAKE) layers
	@node wiring/deploy.js deploy "$(STAGE)" --only="$(ONLY)" $(ARGS)

# The last deploys of each stack, or of one: ONLY=members. Their timestamps are what TO= takes.
deployments: node_modules/installed
	@node wiring/deploy.js list "$(STAGE)" --only="$(ONLY)" $(ARGS)

# One stack as it was: ONLY=members TO=TIMESTAMP. The other stacks stay as they are.
rollback: node_modules/installed
	@node wiring/deploy.js rollback "$(STAGE)" --only="$(ONLY)" --to="$(TO)" $(ARGS)

# Newest versions that agree, with hashes; the layers' are held to those that were tested here.
pins: $(UV)
	$(PIN) --upgrade --universal --python-version 3.11 requirements/dev.in -o requirements/dev.txt
	$(PIN) --upgrade --universal --python-version 3.11 requirements/peers.in -o requirements/peers.txt
	$(PIN) --upgrade --universal --python-version 3.11 requirements/tryton.in -o requirements/tryton.txt
	$(PIN) --upgrade --universal --python-version 3.11 requirements/synapse.in -o requirements/synapse.txt
	for layer in layers/*/; do \
	  $(PIN) --upgrade --python-version 3.12 --python-platform x86_64-manylinux_2_28 \
	    -c requirements/dev.txt $${layer}requirements.in -o $${layer}requirements.txt || exit 1; \
	done
	npm update --package-lock-only --silent

clean: down
	rm -rf .local .serverless build

mariadb mysql browser:
	@stack/need.sh $@

.venv/installed: requirements/dev.txt
	@echo "Installing Python packages into .venv ..."
	@stack/need.sh venv .venv
	@$(PY) -m pip install $(PIP_FLAGS) --require-hashes -r requirements/dev.txt
	@touch $@

.venv/peers: requirements/peers.txt .venv/installed
	@echo "Installing what the forecast is compared with into .venv ..."
	@$(PY) -m pip install $(PIP_FLAGS) --require-hashes -r requirements/peers.txt
	@touch $@

# A program of its own, for tests alone: our code never imports it.
.local/tryton/installed: requirements/tryton.txt | .venv/installed
	@echo "Installing the Tryton ERP into .local/tryton (95 MB), and making its company (about a minute) ..."
	@stack/need.sh venv .local/tryton/venv
	@.local/tryton/venv/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements/tryton.txt
	@$(PY) -m tests.simulators.tryton --make
	@touch $@

# A Matrix server for the tests of chats. Without it they are skipped, as it takes minutes to install.
synapse: .local/synapse/installed

.local/synapse/installed: requirements/synapse.txt | .venv/installed
	@echo "Installing the Matrix server Synapse into .local/synapse (250 MB, 2 to 3 minutes) ..."
	@stack/need.sh venv .local/synapse/venv
	@.local/synapse/venv/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements/synapse.txt
	@touch $@

# A Slack workspace for the tests of chats. Without it they are skipped: it is large, and for one system alone.
local-slack: .local/slack/installed

.local/slack/installed: requirements/slack/package-lock.json
	@stack/need.sh node
	@echo "Installing the workspace local-slack into .local/slack (54 MB) ..."
	@mkdir -p .local/slack
	@cp requirements/slack/package.json requirements/slack/package-lock.json requirements/slack/.npmrc .local/slack/
	@npm ci --silent --no-audit --no-fund --prefix .local/slack
	@touch $@

node_modules/installed: package-lock.json
	@stack/need.sh node
	@echo "Installing Node packages into node_modules ..."
	@npm ci --silent --no-audit --no-fund
	@touch $@

$(UV):
	@echo "Installing uv into .local/uv ..."
	@stack/need.sh venv .local/uv
	@.local/uv/bin/python -m pip install $(PIP_FLAGS) uv

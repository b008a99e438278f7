# 公衡 Gongheng. `make` alone lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
UV := 0.13.8
BIN := .venv/bin
STAMPS := build/.stamps
ISLANDS := $(shell find islands -type f -name '*.js' 2>/dev/null)

.PHONY: help setup demo serve down test lint bench bench-collusion clean

help:
	@echo '公衡 Gongheng'
	@echo
	@echo '使用 Run'
	@echo '  make demo        安装并启动演示 (install, start, fill with demonstration data; Ctrl-C stops)'
	@echo '  make serve       安装并启动正式实例 (install and start without demonstration data)'
	@echo '  make down        停止全部进程 (stop everything, PostgreSQL included)'
	@echo '  ./gongheng -h    全部命令 (all commands)'
	@echo
	@echo '开发 Develop'
	@echo '  make setup       安装依赖并构建页面资源 (dependencies, islands, fonts; skips what is fresh)'
	@echo '  make test        全部测试 (all tests; needs chromium)'
	@echo '  make lint        静态检查 (ruff, import-linter)'
	@echo '  make bench       性能测量 (list the measurements; ./gongheng bench NAME runs one)'
	@echo '  make bench-collusion  围串标筛查在公开标注数据上的测量 (GONGHENG_COLLUSION_DATA: folder of the data)'
	@echo '  make clean       删除构建产物，不删数据 (remove what setup made; var/ stays)'

setup: $(STAMPS)/python $(STAMPS)/static $(STAMPS)/fonts

demo: setup
	@exec ./gongheng demo

serve: setup
	@exec ./gongheng serve

down:
	@./gongheng down

test: setup
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  { echo '缺少 Chromium：浏览器测试需要它。Debian: apt-get install chromium' >&2; exit 1; }
	@node --test islands/tests/*.test.js >build/island-tests.log || { cat build/island-tests.log; exit 1; }
	@$(BIN)/python -m pytest -q -n 4 --dist loadgroup

lint: setup
	@$(BIN)/ruff check . && PYTHONPATH=src:. $(BIN)/lint-imports

bench: setup
	@./gongheng bench

bench-collusion: setup
	@./gongheng bench collusion

clean:
	rm -rf .venv node_modules build

# uv reads uv.lock; where only pip is configured to reach an index, the same lock goes to pip, hashes included.
$(STAMPS)/python: uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo '需要 Python 3.11 或更高版本 (PYTHON=… 可指定)。' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo 'Python 缺少 venv/ensurepip。Debian: apt-get install python3-venv' >&2; exit 1; }
	@mkdir -p $(STAMPS)
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@$(BIN)/pip install -q --disable-pip-version-check uv==$(UV)
	@$(BIN)/uv sync -q --frozen --inexact --python $(BIN)/python || { \
	  $(BIN)/uv export -q --frozen --no-emit-project -o build/requirements.txt && \
	  $(BIN)/pip install -q --disable-pip-version-check --require-hashes -r build/requirements.txt; }
	@touch $@

$(STAMPS)/npm: package.json package-lock.json
	@command -v npm >/dev/null || \
	  { echo '缺少 Node.js (18 或更高) 与 npm。Debian: apt-get install nodejs npm' >&2; exit 1; }
	@mkdir -p $(STAMPS)
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/static: $(STAMPS)/npm config/setup/bundle.mjs $(ISLANDS)
	@npm run -s build
	@touch $@

$(STAMPS)/fonts: $(STAMPS)/npm $(STAMPS)/python config/setup/fonts.py
	@$(BIN)/python -m config.setup.fonts
	@touch $@

# The commands that stay. `make run` and `make test` need no earlier command.
.PHONY: help setup run test lint bench prove clean browser screenshots pictures
READY := .venv/.ready
BIN := .venv/bin

help:
	@echo "make run    show relay at work / 演示"
	@echo "make test   run the specification / 测试"
	@echo "make lint   style and types / 检查"
	@echo "make bench  measure, as ratios / 测速   (ROWS=\"onebot slow\": only these)"
	@echo "make screenshots  pictures of every page of the console / 网页截图"
	@echo "make pictures     those of the documentation, into docs/pictures / 文档中的图"
	@echo "make prove  the slow proofs / 长时间证明"
	@echo "make setup  only install, into .venv / 仅安装"

setup: $(READY)

# Everything goes into .venv, from the lock file with its hashes; only Debian's own packages are ever installed outside.
$(READY): pyproject.toml requirements.lock setup.sh
	sh setup.sh
	touch $(READY)

run: $(READY)
	$(BIN)/relay demo

test: $(READY) browser
	$(BIN)/pytest -n auto --dist worksteal -m "not prove"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The console is tried in Debian's chromium and Firefox; where one cannot be had, its tests say that they were skipped.
browser:
	@sh browser.sh

screenshots: $(READY) browser
	$(BIN)/python -m tests.console.screenshots

pictures: $(READY) browser
	$(BIN)/python -m tests.console.screenshots docs

bench: $(READY)
	$(BIN)/python -m bench $(ROWS)

prove: $(READY)
	$(BIN)/pytest -m prove --timeout 7200

clean:
	rm -rf .venv build dist var .mypy_cache .ruff_cache .pytest_cache .hypothesis

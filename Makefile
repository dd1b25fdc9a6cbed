# The commands that stay. `make run` and `make test` need no earlier command.
.PHONY: help setup run test lint bench prove clean
READY := .venv/.ready
BIN := .venv/bin

help:
	@echo "make run    show relay at work / 演示"
	@echo "make test   run the specification / 测试"
	@echo "make lint   style and types / 检查"
	@echo "make bench  measure, as ratios / 测速   (ROWS=\"onebot slow\": only these)"
	@echo "make prove  the slow proofs / 长时间证明"
	@echo "make setup  only install, into .venv / 仅安装"

setup: $(READY)

# Everything goes into .venv, from the lock file with its hashes; only Debian's own packages are ever installed outside.
$(READY): pyproject.toml requirements.lock setup.sh
	sh setup.sh
	touch $(READY)

run: $(READY)
	$(BIN)/relay demo

test: $(READY)
	$(BIN)/pytest -n auto --dist worksteal -m "not prove"

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m bench $(ROWS)

prove: $(READY)
	$(BIN)/pytest -m prove --timeout 7200

clean:
	rm -rf .venv build dist var .mypy_cache .ruff_cache .pytest_cache .hypothesis

#!/usr/bin/env python3
"""Writes an infra of many realistic campaigns: `generate.py FOLDER [COUNT]`, from the two of this repository."""
import shutil
import sys
from pathlib import Path

folder, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000
ours = Path(__file__).resolve().parents[3] / "infra"
folder.mkdir(parents=True, exist_ok=True)
shutil.copy(ours / "sillon.yaml", folder / "sillon.yaml")
names = ["guide-solaire", "pepiniere"]
for number in range(count):
    of = ours / "campaigns" / names[number % 2]
    to = folder / "campaigns" / f"{of.name}-{number:04}"
    shutil.copytree(of, to, ignore=shutil.ignore_patterns("source", "scenarios"), dirs_exist_ok=True)
    # A guide of a usual size would only measure the disk.
    for guide in to.glob("files/*"):
        guide.write_bytes(b"%PDF-1.4\n")

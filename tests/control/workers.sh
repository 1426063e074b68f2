#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What is driven by several workers: the API as it is used, and the crowd, once more.
set -eu
folder=$(dirname "$0")
export CONTROL_ARGUMENTS="--workers 3"
python3 "$folder/api.py"
python3 "$folder/crowd.py"

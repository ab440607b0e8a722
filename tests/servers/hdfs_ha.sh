#!/usr/bin/env bash
# Two HDFS name nodes that share a folder of edits, and a data node: see hdfs.sh.
HDFS_PAIR=yes exec "$(dirname "$0")/hdfs.sh" "$@"

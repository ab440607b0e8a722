#!/usr/bin/env bash
# As kafka.sh, of the version that librdkafka before 2.6.1 can still log in to by SCRAM: brokers from 4.0 on refuse it, since it
# says the client's nonce twice (librdkafka pull request 4895).
KAFKA_VERSION=3.9.1 exec "$(dirname "$0")/kafka.sh" "$@"

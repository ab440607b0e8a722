// A receive log without a disk: what arrives when there is no checkpoint lives in memory until the batch
// that read it has ended.
#pragma once
#include "engine/checkpoint/receive_log.h"

namespace streamwright {

std::unique_ptr<ReceiveLog> memoryLog();

}

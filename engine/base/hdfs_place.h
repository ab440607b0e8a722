// Places in HDFS, where a path could stand too.
#pragma once
#include <string_view>

namespace streamwright {

// Whether it is the URL of one, well or badly written; webhdfs:// is another name for hdfs://.
inline bool isHdfs(std::string_view place) { return place.starts_with("hdfs://") || place.starts_with("webhdfs://"); }

}

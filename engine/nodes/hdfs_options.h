// The options of nodes that reach HDFS: whom to ask, and as whom.
#pragma once
#include "engine/dataflow/declare.h"
#include "engine/transport/webhdfs.h"

namespace streamwright {

struct HdfsOptions {
    std::string token;
    Duration connectTimeout = seconds(10);
    Duration requestTimeout = seconds(60);
    Duration progressTimeout = seconds(30);
};

template <class Options>
void declareHdfsFields(Declare<Options>& declare)
{
    const auto member = [](auto HdfsOptions::*of) { return static_cast<std::remove_reference_t<decltype(std::declval<Options>().*of)> Options::*>(of); };
    declare
        .field(member(&HdfsOptions::token), {.name = "token", .help = "A delegation token, instead of a user's name.", .kind = FieldKind::Secret, .example = Json::string("${env:HDFS_TOKEN}"), .advanced = true})
        .field(member(&HdfsOptions::connectTimeout), {.name = "connect_timeout", .help = "How long connecting to a node of HDFS may take.", .kind = FieldKind::Duration, .fallback = Json::string("10s"), .advanced = true})
        .field(member(&HdfsOptions::requestTimeout), {.name = "request_timeout", .help = "How long a node of HDFS may take to answer.", .kind = FieldKind::Duration, .fallback = Json::string("1m"), .advanced = true})
        .field(member(&HdfsOptions::progressTimeout), {.name = "progress_timeout", .help = "How long a connection may stand still while bytes are sent or received.", .kind = FieldKind::Duration, .fallback = Json::string("30s"), .advanced = true});
}

// Also of the place that the option `field` names.
std::vector<FieldError> checkHdfsOptions(const HdfsOptions& options, const std::string& field, const std::string& place);
std::shared_ptr<const WebHdfs> hdfsOf(const HdfsOptions& options, const HdfsUrl& url);

// Verify: "reach the name node"; what needs it is left out if it is not reached.
bool probeHdfs(const WebHdfs& hdfs, Probe& probe);

}

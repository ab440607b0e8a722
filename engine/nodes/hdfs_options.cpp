#include "engine/nodes/hdfs_options.h"

namespace streamwright {

std::vector<FieldError> checkHdfsOptions(const HdfsOptions& options, const std::string& field, const std::string& place)
{
    std::vector<FieldError> errors;
    if (const auto url = parseHdfsUrl(place); !url) errors.push_back({field, fmt::format("{} must name a place in HDFS: {}", field, url.error().message), url.error().hint});
    for (const auto& [name, time] : {std::pair<const char*, Duration>{"connect_timeout", options.connectTimeout}, {"request_timeout", options.requestTimeout}, {"progress_timeout", options.progressTimeout}}) {
        if (time.micros <= 0) errors.push_back({name, fmt::format("{} must be longer than nothing, but is {}", name, printDuration(time)), {}});
    }
    return errors;
}

std::shared_ptr<const WebHdfs> hdfsOf(const HdfsOptions& options, const HdfsUrl& url)
{
    return std::make_shared<const WebHdfs>(url, options.token, HttpTimes{.connect = options.connectTimeout, .answer = options.requestTimeout, .progress = options.progressTimeout});
}

bool probeHdfs(const WebHdfs& hdfs, Probe& probe)
{
    const auto root = hdfs.status("/");
    Result<std::string> seen = root ? Result<std::string>(*root ? "it answers" : "it answers, but has no root folder") : root.error();
    return probe.step("reach the name node of " + hdfs.url().at("/"), seen);
}

}

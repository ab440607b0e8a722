// Files of HDFS over WebHDFS, from one name node or a pair of them. Any thread; each call waits for its answer.
//
// Errors: Transient where asking again may help (no connection, a name node that is on standby, in safe mode or without
// data nodes, quota), else Permanent, with the server's own words.
#pragma once
#include "engine/base/reading.h"
#include "engine/transport/http_client.h"

#include <mutex>
#include <optional>

namespace streamwright {

// `hdfs://[user@]host[:port][,host[:port]]/path`; also `webhdfs://`. The ports are those of WebHDFS, 9870 if left out.
struct HdfsUrl {
    std::vector<HttpAddress> nameNodes;
    std::string user;           // empty: the name of this process's user
    std::string path;           // begins with a slash, ends without one (but for "/")
    std::string text() const;
    std::string at(std::string_view path) const;    // the URL of another path of the same name nodes
};
Result<HdfsUrl> parseHdfsUrl(std::string_view text);
// The path of what is called so in a folder.
std::string belowHdfs(const std::string& folder, std::string_view name);

struct HdfsStatus {
    std::string name;           // within its folder
    bool folder = false;
    int64_t length = 0;
    int64_t modified = 0;       // milliseconds since 1970
    int64_t id = 0;             // of the file or folder, kept when it is renamed
};

class WebHdfs {
public:
    WebHdfs(HdfsUrl url, std::string token, HttpTimes times = {});

    const HdfsUrl& url() const { return url_; }
    // Whether the last request was answered; errors: not answered, or refused for another reason than that a name is free or
    // taken; bytes of content.
    Readings readings() const;

    Result<std::optional<HdfsStatus>> status(const std::string& path) const;
    // What stands in a folder, ordered by name; none if it does not exist. A path that is a file lists itself, without a name.
    Result<std::optional<std::vector<HdfsStatus>>> list(const std::string& path) const;
    // With its missing parents.
    Result<void> makeFolder(const std::string& path) const;
    // A new file, on the disks of its data nodes when it returns, whose length has been looked at. After an error a file of this
    // name may be there with any part of the bytes: each attempt needs a new name.
    Result<void> write(const std::string& path, std::string_view bytes) const;
    // At most `length` bytes from `offset`, fewer at the end of the file. Throws Stopped, as HttpClient.
    Result<std::string> read(const std::string& path, int64_t offset, int64_t length, const StopToken* stop = nullptr) const;
    // Renames onto a name that must be free. After a lost answer it was done or not: look at `from`.
    enum class Renamed : unsigned char { Done, Taken, NoSource };
    Result<Renamed> rename(const std::string& from, const std::string& to) const;
    // With all in it; one that is not there is fine.
    Result<void> remove(const std::string& path) const;

private:
    struct Reply;
    // Queries of the name node that is active; `query` begins with op=.
    Result<Reply> ask(std::string_view method, const std::string& path, const std::string& query, const StopToken* stop = nullptr) const;
    Result<Reply> askData(std::string_view method, const std::string& path, const std::string& query, std::string_view body, const StopToken* stop = nullptr) const;
    Result<Reply> send(const HttpRequest& request, const StopToken* stop) const;
    static Result<Reply> replyOf(HttpAnswer answer, std::string who);
    void count(const HttpRequest& request, const Result<Reply>& reply) const;

    HdfsUrl url_;
    std::string identity_;      // `user.name=…` or `delegation=…`
    HttpTimes times_;
    mutable std::mutex mutex_;
    mutable size_t active_ = 0; // the name node that answered last
    mutable std::vector<std::unique_ptr<HttpClient>> idle_;
    mutable bool connected_ = false;
    mutable int64_t requests_ = 0, errors_ = 0, sent_ = 0, received_ = 0;
};

}

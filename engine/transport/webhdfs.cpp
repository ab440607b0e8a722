#include "engine/transport/webhdfs.h"

#include "engine/base/hdfs_place.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <pwd.h>
#include <unistd.h>

namespace streamwright {

namespace {

namespace json = boost::json;

constexpr uint16_t kPort = 9870;

// Asking again helps with none of these.
constexpr std::array<std::string_view, 14> kHopeless = {
    "AccessControlException", "AuthorizationException", "AuthenticationException", "SecurityException", "InvalidToken", "FileAlreadyExistsException",
    "FileNotFoundException", "ParentNotDirectoryException", "PathIsNotDirectoryException", "InvalidPathException", "IllegalArgumentException",
    "HadoopIllegalArgumentException", "UnsupportedOperationException", "PathComponentTooLongException"};

std::string processUser()
{
    if (const char* name = std::getenv("HADOOP_USER_NAME")) return name;
    if (const passwd* entry = ::getpwuid(::geteuid())) return entry->pw_name;
    return "streamwright";
}

// The first line, without the stack that some messages bring.
std::string firstLine(std::string_view text)
{
    constexpr size_t kMost = 400;
    text = text.substr(0, text.find('\n'));
    return text.size() <= kMost ? std::string(text) : std::string(text.substr(0, kMost)) + "…";
}

HdfsStatus statusOf(const json::object& entry)
{
    const auto number = [&](const char* key) {
        const json::value* value = entry.if_contains(key);
        return value && value->is_number() ? value->to_number<int64_t>() : int64_t{0};
    };
    HdfsStatus status{{}, false, number("length"), number("modificationTime"), number("fileId")};
    if (const json::value* name = entry.if_contains("pathSuffix"); name && name->is_string()) status.name = std::string(name->as_string());
    if (const json::value* type = entry.if_contains("type"); type && type->is_string()) status.folder = type->as_string() == "DIRECTORY";
    return status;
}

// Follows names of objects; null where one is missing.
const json::value* within(const json::value& from, std::initializer_list<const char*> names)
{
    const json::value* at = &from;
    for (const char* name : names) {
        const json::object* object = at ? at->if_object() : nullptr;
        at = object ? object->if_contains(name) : nullptr;
    }
    return at;
}

}

std::string HdfsUrl::at(std::string_view other) const
{
    std::string hosts;
    for (const HttpAddress& each : nameNodes) hosts += (hosts.empty() ? "" : ",") + each.text();
    return fmt::format("hdfs://{}{}{}", user.empty() ? "" : user + "@", hosts, other);
}

std::string HdfsUrl::text() const { return at(path); }

std::string belowHdfs(const std::string& folder, std::string_view name) { return fmt::format("{}{}{}", folder, folder == "/" ? "" : "/", name); }

Result<HdfsUrl> parseHdfsUrl(std::string_view text)
{
    const auto wrong = [&](std::string_view what) { return mistake(fmt::format("{}, but it is \"{}\"", what, text), "write for example hdfs://namenode:9870/folder; the port is that of the name node's web page"); };
    if (!isHdfs(text)) return wrong("a place in HDFS begins with hdfs://");
    std::string_view rest = text.substr(text.find("//") + 2);
    const size_t slash = std::min(rest.find('/'), rest.size());
    std::string_view hosts = rest.substr(0, slash);
    HdfsUrl url;
    url.path = slash == rest.size() ? std::string("/") : std::string(rest.substr(slash));
    if (const size_t at = hosts.find('@'); at != std::string_view::npos) {
        url.user = hosts.substr(0, at);
        hosts.remove_prefix(at + 1);
        if (url.user.empty() || url.user.find(':') != std::string::npos) return wrong("before @ stands the name of a user and no password");
    }
    for (std::string_view left = hosts;;) {
        const size_t comma = std::min(left.find(','), left.size());
        auto address = parseHttpAddress(left.substr(0, comma), kPort);
        if (!address) return wrong("after hdfs:// stands host:port of a name node, or of two with a comma between them");
        url.nameNodes.push_back(std::move(*address));
        if (comma == left.size()) break;
        left.remove_prefix(comma + 1);
    }
    while (url.path.size() > 1 && url.path.ends_with('/')) url.path.pop_back();
    for (std::string_view left = url.path; !left.empty();) {
        left.remove_prefix(1);
        const std::string_view part = left.substr(0, left.find('/'));
        if (part == "." || part == ".." || (part.empty() && !left.empty())) return wrong("the path in HDFS is written without . and .. and empty names");
        left.remove_prefix(part.size());
    }
    return url;
}

struct WebHdfs::Reply {
    HttpAnswer answer;
    std::string exception;      // empty: none
    std::string message;
    std::string who;            // host:port
    json::value body;           // null where it is no JSON

    bool fine() const { return answer.status >= 200 && answer.status < 400 && exception.empty(); }

    Error error(std::string_view path) const
    {
        const std::string words = fmt::format("{}: {}", who, message.empty() ? fmt::format("HTTP status {}", answer.status) : firstLine(message));
        if (exception.ends_with("QuotaExceededException")) return transient(words, "raise the quota, or remove files; it goes on by itself then");
        if (exception == "SafeModeException") return transient(words, "it goes on by itself when safe mode ends");
        if (!exception.empty()) {
            if (std::ranges::find(kHopeless, exception) == kHopeless.end()) return transient(fmt::format("{} ({})", words, exception));
            return permanent(fmt::format("{} ({}, {})", words, exception, path));
        }
        if (answer.body.find("Hadoop IPC port") != std::string::npos) return permanent(fmt::format("{} is the port of Hadoop's own protocol", who), "name the port of the name node's web page (dfs.namenode.http-address, usually 9870)");
        if (answer.status >= 500) return transient(words);
        if (answer.status == 401) return permanent(words + ": who asks is not known there", "a name node with Kerberos needs a delegation token");
        return permanent(fmt::format("{} ({}); this is no answer of WebHDFS", words, path), "name the port of the name node's web page (dfs.namenode.http-address, usually 9870)");
    }
};

WebHdfs::WebHdfs(HdfsUrl url, std::string token, HttpTimes times) : url_(std::move(url)), times_(times)
{
    identity_ = token.empty() ? "user.name=" + percentEncoded(url_.user.empty() ? processUser() : url_.user) : "delegation=" + percentEncoded(token);
}

Result<WebHdfs::Reply> WebHdfs::send(const HttpRequest& request, const StopToken* stop) const
{
    std::unique_ptr<HttpClient> client;
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            client = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!client) client = std::make_unique<HttpClient>(times_);
    auto answer = client->send(request, stop);
    {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(client));
    }
    Result<Reply> reply = answer ? replyOf(std::move(*answer), request.to.address.text()) : answer.error();
    count(request, reply);
    return reply;
}

Readings WebHdfs::readings() const
{
    const std::lock_guard lock(mutex_);
    const auto number = [](int64_t count) { return static_cast<double>(count); };
    return {{"connected", connected_ ? 1.0 : 0.0}, {"requests", number(requests_)}, {"errors", number(errors_)}, {"sent_bytes", number(sent_)}, {"received_bytes", number(received_)}};
}

void WebHdfs::count(const HttpRequest& request, const Result<Reply>& reply) const
{
    const std::lock_guard lock(mutex_);
    ++requests_;
    connected_ = reply.has_value();
    const bool expected = reply && (reply->fine() || reply->exception == "FileNotFoundException" || reply->exception == "FileAlreadyExistsException");
    if (!expected) ++errors_;
    if (!reply) return;
    if (reply->fine()) sent_ += static_cast<int64_t>(request.body.size());
    if (reply->fine() && reply->body.is_null()) received_ += static_cast<int64_t>(reply->answer.body.size());
}

Result<WebHdfs::Reply> WebHdfs::replyOf(HttpAnswer answer, std::string who)
{
    Reply reply{std::move(answer), {}, {}, std::move(who), nullptr};
    if (reply.answer.header("content-type").find("json") == std::string_view::npos) return reply;
    boost::system::error_code code;
    reply.body = json::parse(reply.answer.body, code);
    if (code) return transient(fmt::format("{}: an answer that is no JSON: {}", reply.who, firstLine(reply.answer.body)));
    if (const json::value* remote = within(reply.body, {"RemoteException"})) {
        reply.exception = "RemoteException";
        if (const json::value* name = within(*remote, {"exception"}); name && name->is_string()) reply.exception = std::string(name->as_string());
        if (const json::value* text = within(*remote, {"message"}); text && text->is_string()) reply.message = std::string(text->as_string());
    }
    return reply;
}

Result<WebHdfs::Reply> WebHdfs::ask(std::string_view method, const std::string& path, const std::string& query, const StopToken* stop) const
{
    size_t first = 0;
    {
        const std::lock_guard lock(mutex_);
        first = active_;
    }
    std::optional<Error> failure;
    for (size_t i = 0; i < url_.nameNodes.size(); ++i) {
        const size_t node = (first + i) % url_.nameNodes.size();
        const HttpUrl to{url_.nameNodes[node], fmt::format("/webhdfs/v1{}?{}&{}", percentEncoded(path, "/"), query, identity_)};
        auto reply = send({.method = std::string(method), .to = to}, stop);
        const bool standby = reply && reply->exception == "StandbyException";
        if (reply && !standby) {
            const std::lock_guard lock(mutex_);
            active_ = node;
            return reply;
        }
        const Error error = reply ? transient(fmt::format("{} is on standby", reply->who)) : reply.error();
        if (error.kind != ErrorKind::Transient) return error;
        if (failure) failure->message += "; " + error.message;
        else failure = error;
    }
    return *failure;
}

// The name node names a data node, which gets the bytes or gives them.
Result<WebHdfs::Reply> WebHdfs::askData(std::string_view method, const std::string& path, const std::string& query, std::string_view body, const StopToken* stop) const
{
    // A name node on standby sends a writer on to a data node all the same, which then looks for the active one for a minute and
    // more: nobody would learn what is waited for.
    if (url_.nameNodes.size() > 1 && method != "GET") {
        if (auto active = ask("GET", "/", "op=GETFILESTATUS", stop); !active || !active->fine()) return active;
    }
    std::string avoided;
    for (int attempt = 0;; ++attempt) {
        auto reply = ask(method, path, query + avoided, stop);
        if (!reply || !reply->fine() || reply->answer.status != 307) return reply;
        auto to = parseHttpUrl(reply->answer.header("location"));
        if (!to) return permanent(fmt::format("{}: data nodes are asked over plain HTTP, but the name node names {}", reply->who, firstLine(reply->answer.header("location"))));
        const std::string host = to->address.host;
        auto given = send({.method = std::string(method), .to = std::move(*to), .headers = {{"Content-Type", "application/octet-stream"}}, .body = body}, stop);
        if (given || attempt == 1 || method != "GET") return given;
        // The name node learns late that a data node is gone; another one may have the block too.
        avoided = "&excludedatanodes=" + percentEncoded(host);
        if (auto other = ask(method, path, query + avoided, stop); !other || other->answer.status != 307) return given;
    }
}

Result<std::optional<HdfsStatus>> WebHdfs::status(const std::string& path) const
{
    auto reply = ask("GET", path, "op=GETFILESTATUS");
    if (!reply) return reply.error();
    if (reply->exception == "FileNotFoundException") return std::optional<HdfsStatus>();
    if (!reply->fine()) return reply->error(path);
    const json::value* entry = within(reply->body, {"FileStatus"});
    if (!entry || !entry->is_object()) return reply->error(path);
    return std::optional(statusOf(entry->as_object()));
}

Result<std::optional<std::vector<HdfsStatus>>> WebHdfs::list(const std::string& path) const
{
    std::vector<HdfsStatus> entries;
    for (std::string after;;) {
        auto reply = ask("GET", path, "op=LISTSTATUS_BATCH" + (after.empty() ? std::string() : "&startAfter=" + percentEncoded(after)));
        if (!reply) return reply.error();
        if (reply->exception == "FileNotFoundException") return std::optional<std::vector<HdfsStatus>>();
        if (!reply->fine()) return reply->error(path);
        const json::value* found = within(reply->body, {"DirectoryListing", "partialListing", "FileStatuses", "FileStatus"});
        const json::value* left = within(reply->body, {"DirectoryListing", "remainingEntries"});
        if (!found || !found->is_array() || !left || !left->is_number()) return reply->error(path);
        for (const json::value& each : found->as_array()) {
            if (each.is_object()) entries.push_back(statusOf(each.as_object()));
        }
        if (left->to_number<int64_t>() == 0 || found->as_array().empty()) return std::optional(std::move(entries));
        after = entries.back().name;
    }
}

Result<void> WebHdfs::makeFolder(const std::string& path) const
{
    auto reply = ask("PUT", path, "op=MKDIRS");
    if (!reply) return reply.error();
    if (!reply->fine()) return reply->error(path);
    const json::value* made = within(reply->body, {"boolean"});
    if (!made || *made != true) return permanent(fmt::format("{}: the folder {} cannot be made", reply->who, path));
    return {};
}

Result<void> WebHdfs::write(const std::string& path, std::string_view bytes) const
{
    auto reply = askData("PUT", path, "op=CREATE&overwrite=false&createflag=CREATE,SYNC_BLOCK", bytes);
    if (!reply) return reply.error();
    if (!reply->fine()) return reply->error(path);
    // The end of a connection ends the file, however long it is by then.
    auto there = status(path);
    if (!there) return there.error();
    const int64_t length = *there ? (*there)->length : -1;
    if (length == static_cast<int64_t>(bytes.size())) return {};
    return transient(fmt::format("{}: {} has {} bytes after {} were written", reply->who, path, length, bytes.size()));
}

Result<std::string> WebHdfs::read(const std::string& path, int64_t offset, int64_t length, const StopToken* stop) const
{
    auto reply = askData("GET", path, fmt::format("op=OPEN&offset={}&length={}", offset, length), {}, stop);
    if (!reply) return reply.error();
    if (!reply->fine()) return reply->error(path);
    return std::move(reply->answer.body);
}

Result<WebHdfs::Renamed> WebHdfs::rename(const std::string& from, const std::string& to) const
{
    // A rename without the option moves the folder into one that stands at its target, and says true.
    auto reply = ask("PUT", from, "op=RENAME&renameoptions=NONE&destination=" + percentEncoded(to, "/"));
    if (!reply) return reply.error();
    if (reply->fine()) return Renamed::Done;
    if (reply->exception == "FileAlreadyExistsException") return Renamed::Taken;
    if (reply->exception == "FileNotFoundException") {
        // It is said of the source and of the target's parent.
        auto source = status(from);
        if (!source) return source.error();
        if (!*source) return Renamed::NoSource;
        return permanent(fmt::format("{}: {}", reply->who, firstLine(reply->message)));
    }
    return reply->error(from);
}

Result<void> WebHdfs::remove(const std::string& path) const
{
    auto reply = ask("DELETE", path, "op=DELETE&recursive=true");
    if (!reply) return reply.error();
    if (!reply->fine()) return reply->error(path);
    return {};
}

}

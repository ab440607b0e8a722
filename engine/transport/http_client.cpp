#include "engine/transport/http_client.h"

#include "engine/base/clock.h"
#include "engine/base/names.h"
#include "engine/base/printable.h"
#include "engine/transport/listen_address.h"
#include "engine/transport/tcp_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <charconv>
#include <map>

namespace streamwright {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

// A stop is heeded within this time.
constexpr auto kLookForStop = std::chrono::milliseconds(20);
constexpr size_t kReadBytes = 256 << 10;

std::string reasonOf(const error_code& code)
{
    if (code == http::error::end_of_stream || code == asio::error::eof || code == http::error::partial_message) return "it closed the connection";
    return continued(code.message());
}

using Parser = http::response_parser<http::string_body>;

struct Connection {
    explicit Connection(asio::io_context& context) : stream(context) {}
    beast::tcp_stream stream;
    std::optional<beast::ssl_stream<beast::tcp_stream&>> tls;     // over `stream`
    beast::flat_buffer buffer;
};

// With the stream that bytes go through.
template <class Use>
void through(Connection& connection, const Use& use)
{
    if (connection.tls) use(*connection.tls);
    else use(connection.stream);
}

}

std::string HttpAddress::text() const { return hostAndPort(host, port); }

Result<HttpAddress> parseHttpAddress(std::string_view text, uint16_t defaultPort)
{
    const auto wrong = [&] { return mistake(fmt::format("an address is written host:port, but is \"{}\"", text)); };
    HttpAddress address{{}, defaultPort};
    std::string_view rest = text;
    if (rest.starts_with('[')) {
        const size_t end = rest.find(']');
        if (end == std::string_view::npos) return wrong();
        address.host = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
    } else {
        const size_t end = std::min(rest.find(':'), rest.size());
        address.host = rest.substr(0, end);
        rest.remove_prefix(end);
    }
    if (address.host.empty() || address.host.find_first_of(" /?#@") != std::string::npos) return wrong();
    if (rest.empty()) return address;
    const auto read = std::from_chars(rest.data() + 1, rest.data() + rest.size(), address.port);
    if (rest[0] != ':' || read.ec != std::errc() || read.ptr != rest.data() + rest.size() || address.port == 0) return wrong();
    return address;
}

Result<HttpUrl> parseHttpUrl(std::string_view text)
{
    constexpr std::string_view kPlain = "http://", kTls = "https://";
    const bool tls = text.starts_with(kTls);
    if (!tls && !text.starts_with(kPlain)) return mistake(fmt::format("a URL begins with http:// or https://, but is \"{}\"", text));
    const std::string_view rest = text.substr(tls ? kTls.size() : kPlain.size());
    const size_t end = std::min(rest.find_first_of("/?#"), rest.size());
    auto address = parseHttpAddress(rest.substr(0, end), tls ? 443 : 80);
    if (!address) return address.error();
    HttpUrl url{std::move(*address), std::string(rest.substr(end, rest.find('#') - end)), tls};
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    if (url.target.find_first_of(" \t\r\n") != std::string::npos) return mistake(fmt::format("a URL has no spaces, but is \"{}\"", text), "write %20 for a space");
    return url;
}

std::string percentEncoded(std::string_view text, std::string_view keep)
{
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || std::string_view("-._~").find(c) != std::string_view::npos || keep.find(c) != std::string_view::npos) encoded += c;
        else encoded += fmt::format("%{:02X}", byte);
    }
    return encoded;
}

std::string_view findHeader(const HttpHeaders& headers, std::string_view name)
{
    const auto found = std::ranges::find_if(headers, [&](const auto& header) { return sameName(header.first, name); });
    return found == headers.end() ? std::string_view() : found->second;
}

class HttpClient::Impl {
public:
    Impl(HttpTimes times, size_t mostBody, HttpTrust trust) : times_(times), mostBody_(mostBody), trust_(std::move(trust)) {}

    Result<HttpAnswer> send(const HttpRequest& request, const StopToken* stop, bool& sent)
    {
        stop_ = stop;
        sent = false;
        auto connection = connectionTo(request.to);
        if (!connection) return connection.error();
        auto answer = exchange(**connection, request, sent);
        // What is left of an exchange that failed would be taken for the next answer.
        if (!answer) connections_.erase(keyOf(request.to));
        return answer;
    }

    Result<std::string> connect(const HttpUrl& to, const StopToken* stop)
    {
        stop_ = stop;
        auto connection = connectionTo(to);
        if (!connection) return connection.error();
        if (!(*connection)->tls) return std::string("connected, not encrypted");
        SSL* ssl = (*connection)->tls->native_handle();
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl), &X509_free);
        char issuer[256] = {};
        X509_NAME_oneline(X509_get_issuer_name(certificate.get()), issuer, sizeof(issuer));
        return fmt::format("connected with {}, certificate of {}", SSL_get_version(ssl), issuer);
    }

    void close() { connections_.clear(); }

private:
    // Runs one asynchronous call to its end. `code` is operation_aborted then if it took longer than `most`.
    template <class Start>
    error_code await(Connection& connection, Duration most, const Start& start)
    {
        std::optional<error_code> outcome;
        start([&outcome](error_code code, auto...) { outcome = code; });
        const int64_t until = steadyNanos() + most.micros * 1000;
        bool stopped = false, late = false;
        context_.restart();
        while (!outcome) {
            context_.run_for(kLookForStop);
            if (outcome || stopped || late) continue;
            stopped = stop_ && stop_->requested();
            late = steadyNanos() >= until;
            if (stopped || late) connection.stream.cancel();
        }
        if (*outcome && stopped) {
            connections_.clear();
            throw Stopped();
        }
        if (*outcome && late) return asio::error::timed_out;
        return *outcome;
    }

    // One that the server has closed meanwhile is not used again: it would swallow the request.
    bool isOpen(Connection& connection)
    {
        error_code code;
        char byte;
        auto& socket = connection.stream.socket();
        socket.non_blocking(true, code);
        socket.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, code);
        return code == asio::error::would_block;
    }

    using Key = std::pair<HttpAddress, bool>;
    static Key keyOf(const HttpUrl& to) { return {to.address, to.tls}; }

    Result<Connection*> connectionTo(const HttpUrl& to)
    {
        const HttpAddress& address = to.address;
        const auto known = connections_.find(keyOf(to));
        if (known != connections_.end()) {
            if (isOpen(*known->second)) return known->second.get();
            connections_.erase(known);
        }
        const auto addresses = addressesOf(address.host);
        if (!addresses) return transient(fmt::format("{}: {}", address.text(), addresses.error().message));
        std::string last = "no address";
        for (const std::string& each : *addresses) {
            auto connection = std::make_unique<Connection>(context_);
            error_code code;
            const auto ip = asio::ip::make_address(each, code);
            if (!code) code = await(*connection, times_.connect, [&](auto done) { connection->stream.async_connect(asio::ip::tcp::endpoint(ip, address.port), done); });
            if (!code) {
                connection->stream.socket().set_option(asio::ip::tcp::no_delay(true), code);
                if (auto secured = to.tls ? secure(*connection, address) : Result<void>(); !secured) return secured.error();
                return (connections_[keyOf(to)] = std::move(connection)).get();
            }
            last = reasonOf(code);
        }
        return transient(fmt::format("{}: {}", address.text(), last));
    }

    Result<void> makeContext()
    {
        if (tls_) return {};
        error_code code;
        auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
        context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, code);
        context->set_verify_mode(asio::ssl::verify_peer, code);
        if (trust_.file.empty()) context->set_default_verify_paths(code);
        else context->load_verify_file(trust_.file, code);
        if (code) return permanent(fmt::format("the certificates in {} cannot be read: {}", trust_.file.empty() ? "the system's store" : trust_.file, code.message()), "a file holds certificates in PEM form: -----BEGIN CERTIFICATE-----");
        tls_ = std::move(context);
        return {};
    }

    // The handshake; the server must prove that it is `address.host`.
    Result<void> secure(Connection& connection, const HttpAddress& address)
    {
        if (auto made = makeContext(); !made) return made;
        connection.tls.emplace(connection.stream, *tls_);
        error_code code;
        connection.tls->set_verify_callback(asio::ssl::host_name_verification(address.host), code);
        const bool isNumber = !asio::ip::make_address(address.host, code).is_unspecified() && !code;
        if (!isNumber) SSL_set_tlsext_host_name(connection.tls->native_handle(), address.host.c_str());
        code = await(connection, times_.connect, [&](auto done) { connection.tls->async_handshake(asio::ssl::stream_base::client, done); });
        if (!code) return {};
        const long verified = SSL_get_verify_result(connection.tls->native_handle());
        // The check of the name gives no reason of its own.
        const bool othersName = verified == X509_V_ERR_UNSPECIFIED || verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH;
        if (verified != X509_V_OK && !othersName) return permanent(fmt::format("{}: its certificate is not trusted: {}", address.text(), X509_verify_cert_error_string(verified)), "name a file with the certificate of the authority that signed it, or reach the server by the name that its certificate has");
        if (othersName) return permanent(fmt::format("{}: its certificate is for another name", address.text()), "reach the server by the name that its certificate has");
        return transient(fmt::format("{}: {} (TLS)", address.text(), reasonOf(code)));
    }

    Result<HttpAnswer> exchange(Connection& connection, const HttpRequest& request, bool& sent)
    {
        http::request<http::span_body<const char>> message;
        message.version(11);
        message.method_string(request.method);
        message.target(request.to.target);
        message.set(http::field::host, request.to.address.text());
        message.set(http::field::user_agent, "streamwright");
        for (const auto& [name, value] : request.headers) message.set(name, value);
        message.body() = {request.body.data(), request.body.size()};
        message.prepare_payload();
        if (request.body.empty() && (request.method == "PUT" || request.method == "POST")) message.content_length(0);
        http::request_serializer<http::span_body<const char>> serializer(message);
        while (!serializer.is_done()) {
            const error_code code = await(connection, times_.progress, [&](auto done) { through(connection, [&](auto& stream) { http::async_write_some(stream, serializer, done); }); });
            // Some of it may be on its way also when the call failed.
            sent = true;
            if (code) return failed(request, "sending", code);
        }
        connection.buffer.reserve(kReadBytes);
        // A server may say that it goes on before it answers, also when nobody asked.
        std::optional<Parser> parser;
        do {
            parser.emplace();
            parser->body_limit(mostBody_);
            if (request.method == "HEAD") parser->skip(true);
            if (auto read = receive(connection, *parser, request); !read) return read.error();
        } while (parser->get().result_int() < 200);
        auto& got = parser->get();
        HttpAnswer answer{static_cast<int>(got.result_int()), {}, std::move(got.body())};
        for (const auto& field : got) answer.headers.emplace_back(std::string_view(field.name_string()), std::string_view(field.value()));
        if (!got.keep_alive()) connections_.erase(keyOf(request.to));
        return answer;
    }

    Result<void> receive(Connection& connection, Parser& parser, const HttpRequest& request)
    {
        for (bool first = true; !parser.is_done(); first = false) {
            const error_code code = await(connection, first ? times_.answer : times_.progress, [&](auto done) { through(connection, [&](auto& stream) { http::async_read_some(stream, connection.buffer, parser, done); }); });
            if (code == http::error::body_limit) return permanent(fmt::format("{}: the answer has more than {} bytes", request.to.address.text(), mostBody_));
            if (code) return failed(request, "answering", code);
        }
        return {};
    }

    static Error failed(const HttpRequest& request, std::string_view action, const error_code& code) { return transient(fmt::format("{}: {} ({} {})", request.to.address.text(), reasonOf(code), action, request.method)); }

    HttpTimes times_;
    size_t mostBody_;
    HttpTrust trust_;
    std::unique_ptr<asio::ssl::context> tls_;
    const StopToken* stop_ = nullptr;
    asio::io_context context_;
    std::map<Key, std::unique_ptr<Connection>> connections_;
};

HttpClient::HttpClient(HttpTimes times, size_t mostBody, HttpTrust trust) : impl_(std::make_unique<Impl>(times, mostBody, std::move(trust))) {}
HttpClient::~HttpClient() = default;

Result<HttpAnswer> HttpClient::send(const HttpRequest& request, const StopToken* stop) { return impl_->send(request, stop, sent_); }
Result<std::string> HttpClient::connect(const HttpUrl& to, const StopToken* stop) { return impl_->connect(to, stop); }
void HttpClient::close() { impl_->close(); }

}

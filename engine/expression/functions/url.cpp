// Addresses of the web and the encoding of their parts.
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"
#include "engine/expression/utf8.h"

namespace streamwright {

namespace {

constexpr auto kNowhere = std::string_view::npos;

int hexValue(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if ((c | 32) >= 'a' && (c | 32) <= 'f') return (c | 32) - 'a' + 10;
    return -1;
}

bool isLetter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

ColumnPtr encodeUrl(const Call& call)
{
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        result.clear();
        for (const char c : textAt(*call.arguments[0], row)) {
            if (isLetter(c) || isDigit(c) || c == '.' || c == '-' || c == '*' || c == '_') result += c;
            else if (c == ' ') result += '+';
            else result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
        out.pushText(result);
    });
}

bool decodeUrl(std::string_view text, std::string& out)
{
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        if (i + 2 >= text.size() || hexValue(text[i + 1]) < 0 || hexValue(text[i + 2]) < 0) return false;
        out += static_cast<char>(hexValue(text[i + 1]) * 16 + hexValue(text[i + 2]));
        i += 2;
    }
    return true;
}

template <bool kTry>
ColumnPtr decodeUrlRows(const Call& call)
{
    std::string bytes, result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[0], row);
        bytes.clear();
        result.clear();
        if (decodeUrl(text, bytes)) {
            appendValidUtf8(bytes, result);
            return out.pushText(result);
        }
        if (kTry) return out.pushNull();
        fail(call, row, out, fmt::format("the text is not URL-encoded: {}", text));
    });
}

// The parts of an address as java.net.URI cuts it; a part that is not there has no data.
struct Url {
    std::optional<std::string_view> protocol, authority, user, host, path, query, fragment;
};

bool hasOnlyUrlCharacters(std::string_view text)
{
    for (size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c <= ' ' || c == 0x7F || std::string_view("\"<>\\^`{|}").find(static_cast<char>(c)) != kNowhere) return false;
        if (c == '%' && (i + 2 >= text.size() || hexValue(text[i + 1]) < 0 || hexValue(text[i + 2]) < 0)) return false;
    }
    return true;
}

// user@host:port; a host that is none leaves user and host out.
void splitAuthority(Url& url)
{
    std::string_view rest = *url.authority;
    std::optional<std::string_view> user;
    if (const size_t at = rest.find('@'); at != kNowhere) {
        user = rest.substr(0, at);
        rest.remove_prefix(at + 1);
    }
    size_t colon = rest.starts_with('[') ? rest.find(':', std::min(rest.find(']'), rest.size())) : rest.find(':');
    const std::string_view port = colon == kNowhere ? std::string_view() : rest.substr(colon + 1);
    const std::string_view host = rest.substr(0, colon);
    const bool goodPort = std::all_of(port.begin(), port.end(), isDigit);
    const bool goodHost = host.starts_with('[') || std::all_of(host.begin(), host.end(), [](char c) { return isLetter(c) || isDigit(c) || c == '-' || c == '.'; });
    if (!goodPort || !goodHost || host.empty()) return;
    url.user = user;
    url.host = host;
}

std::optional<Url> parseUrl(std::string_view text)
{
    if (!hasOnlyUrlCharacters(text)) return std::nullopt;
    Url url;
    if (const size_t hash = text.find('#'); hash != kNowhere) {
        url.fragment = text.substr(hash + 1);
        text = text.substr(0, hash);
    }
    const size_t colon = text.find_first_of(":/?");
    if (colon != kNowhere && text[colon] == ':') {
        const std::string_view scheme = text.substr(0, colon);
        const bool good = !scheme.empty() && isLetter(scheme[0]) && std::all_of(scheme.begin(), scheme.end(), [](char c) { return isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.'; });
        if (!good) return std::nullopt;
        url.protocol = scheme;
        text.remove_prefix(colon + 1);
        // `mailto:a@b` has no parts but its protocol.
        if (text.empty()) return std::nullopt;
        if (text[0] != '/') return url;
    }
    if (const size_t mark = text.find('?'); mark != kNowhere) {
        url.query = text.substr(mark + 1);
        text = text.substr(0, mark);
    }
    if (text.starts_with("//")) {
        const size_t end = std::min(text.find('/', 2), text.size());
        url.authority = text.substr(2, end - 2);
        if (url.authority->empty()) url.authority.reset();
        else splitAuthority(url);
        text.remove_prefix(end);
    }
    url.path = text;
    return url;
}

// The value of `key=value` in a query.
std::optional<std::string_view> queryValue(std::string_view query, std::string_view key)
{
    while (true) {
        const size_t end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        if (pair.size() > key.size() && pair.starts_with(key) && pair[key.size()] == '=') return pair.substr(key.size() + 1);
        if (end == kNowhere) return std::nullopt;
        query.remove_prefix(end + 1);
    }
}

std::optional<std::string_view> partOf(const Url& url, std::string_view part, std::string& scratch)
{
    if (part == "HOST") return url.host;
    if (part == "PATH") return url.path;
    if (part == "QUERY") return url.query;
    if (part == "REF") return url.fragment;
    if (part == "PROTOCOL") return url.protocol;
    if (part == "AUTHORITY") return url.authority;
    if (part == "USERINFO") return url.user;
    if (part != "FILE") return std::nullopt;
    scratch = url.path.value_or("");
    if (url.query) scratch += "?" + std::string(*url.query);
    return scratch;
}

template <bool kTry>
ColumnPtr parseUrlRows(const Call& call)
{
    std::string scratch;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const std::string_view text = textAt(*call.arguments[0], row), part = textAt(*call.arguments[1], row);
        const auto url = parseUrl(text);
        if (!url && !kTry) return fail(call, row, out, fmt::format("the text is not a URL: {}", text));
        auto value = url ? partOf(*url, part, scratch) : std::nullopt;
        if (value && call.arguments.size() > 2) value = part == "QUERY" ? queryValue(*value, textAt(*call.arguments[2], row)) : std::nullopt;
        if (value) out.pushText(*value);
        else out.pushNull();
    });
}

}

void addUrlFunctions(std::vector<Function>& all)
{
    const Type text = TypeKind::String;
    all.push_back({.name = "url_encode", .family = "text", .usage = "url_encode(text)", .help = "The text as it may stand in a query of a URL.", .example = {"url_encode('a b/c')", "\"a+b%2Fc\""}, .resolve = takes("url_encode", {text}, text), .evaluate = encodeUrl});
    all.push_back({.name = "url_decode", .family = "text", .usage = "url_decode(text)", .help = "The text that url_encode was given.", .example = {"url_decode('a+b%2Fc')", "\"a b/c\""}, .resolve = takes("url_decode", {text}, text), .evaluate = decodeUrlRows<false>, .canFail = true});
    all.push_back({.name = "try_url_decode", .family = "text", .usage = "try_url_decode(text)", .help = "As url_decode, but NULL when the text is not encoded so.", .example = {"try_url_decode('%zz')", "null"}, .resolve = takes("try_url_decode", {text}, text), .evaluate = decodeUrlRows<true>});
    const std::string help = "A part of a URL: PROTOCOL, AUTHORITY, USERINFO, HOST, PATH, QUERY, REF or FILE; of the query also the value of a key.";
    all.push_back({.name = "parse_url", .family = "text", .usage = "parse_url(url, part[, key])", .help = help, .example = {"parse_url('http://h.com/p?k=v#f', 'QUERY', 'k')", "\"v\""}, .resolve = takes("parse_url", {text, text, text}, text, 1), .evaluate = parseUrlRows<false>, .canFail = true});
    all.push_back({.name = "try_parse_url", .family = "text", .usage = "try_parse_url(url, part[, key])", .help = "As parse_url, but NULL when the text is no URL.", .example = {"try_parse_url('not a url', 'HOST')", "null"}, .resolve = takes("try_parse_url", {text, text, text}, text, 1), .evaluate = parseUrlRows<true>});
}

}

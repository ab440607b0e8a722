// Any bytes as what a viewer or a server sends: they are a message or are refused, and what was read is written and
// read again to the same bytes.
#include "engine/remote/verbs.h"

#include <cstdlib>

using namespace streamwright;

namespace {

template <class T>
std::string bytesOf(const T& value)
{
    Writer out;
    write(out, value);
    return out.take();
}

template <class T>
void readAsOne(std::string_view bytes)
{
    std::string once;
    try {
        Reader in(bytes);
        once = bytesOf(read<T>(in));
    } catch (const WireProblem&) {
        return;
    }
    Reader in(once);
    if (bytesOf(read<T>(in)) != once) std::abort();
}

template <class... A>
void readAsEach([[maybe_unused]] std::string_view bytes, std::tuple<A...>*)
{
    (readAsOne<A>(bytes), ...);
}

template <size_t... I>
void readAsVerb(size_t verb, std::string_view bytes, std::index_sequence<I...>)
{
    const auto readVerb = [bytes]<class V>(V*) {
        readAsEach(bytes, static_cast<typename V::Arguments*>(nullptr));
        readAsOne<Result<typename V::Answered>>(bytes);
    };
    ((verb == I ? readVerb(static_cast<VerbAt<I>*>(nullptr)) : void()), ...);
}

}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    readAsVerb(data[0] % kVerbs, bytes, std::make_index_sequence<kVerbs>());
    (void)readHello(bytes);
    return 0;
}

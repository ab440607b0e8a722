// The verbs of a Session as messages. Each stands once in `Verbs`: what a call carries and what answers it follow
// from its declaration in engine/control/session.h, its number from its place.
//
//   hello    {"protocol": 1, "shape": "…", "viewer": "…"} as text, from the viewer, then from the server: with a
//            sentence in "refused" when the two do not speak the same; the connection stays
//   call     Call, id, verb, deadline, arguments                 viewer to server
//   answer   Answer, id, value or error                          server to viewer
//   cancel   Cancel, id: nobody waits any more                   viewer to server
//   browse   Browse, start request (Session::browse)             viewer to server
//   farewell Farewell, the last snapshot: the server ends        server to viewer
#pragma once
#include "engine/control/session.h"
#include "engine/remote/wire.h"

#include <tuple>

namespace streamwright {

enum class MessageKind : unsigned char { Call, Answer, Cancel, Browse, Farewell };

// Messages are refused beyond it.
inline constexpr size_t kLargestMessage = 128 << 20;

// Who may ask: any viewer, or the controller alone.
enum class Asks : unsigned char { AnyViewer, Controller };
// A verb about the run that was started has no answer where none can be any more; others may have one in a new process.
enum class About : unsigned char { Run, Pipeline };

namespace verbs {

template <class T>
struct AnsweredBy;
template <class T>
struct AnsweredBy<Answer<T>> {
    using Type = T;
};

template <class F>
struct Signature;
template <class... P>
struct Signature<void (Session::*)(P...)> {
    using All = std::tuple<P...>;
    static constexpr size_t kArguments = sizeof...(P) - 2;      // then CallOptions and Answer
    using Answered = typename AnsweredBy<std::tuple_element_t<kArguments + 1, All>>::Type;
    template <size_t... I>
    static std::tuple<std::tuple_element_t<I, All>...> first(std::index_sequence<I...>);
    using Arguments = decltype(first(std::make_index_sequence<kArguments>()));
};

}

template <auto M, Asks A, About B>
struct Verb : verbs::Signature<decltype(M)> {
    static constexpr auto kMethod = M;
    static constexpr Asks kAsks = A;
    static constexpr About kAbout = B;
};

using Verbs = std::tuple<
    Verb<&Session::start, Asks::Controller, About::Pipeline>,
    Verb<&Session::plan, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::pause, Asks::Controller, About::Run>,
    Verb<&Session::resume, Asks::Controller, About::Run>,
    Verb<&Session::step, Asks::Controller, About::Run>,
    Verb<&Session::stop, Asks::Controller, About::Run>,
    Verb<&Session::snapshot, Asks::AnyViewer, About::Run>,
    Verb<&Session::history, Asks::AnyViewer, About::Run>,
    Verb<&Session::runs, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::timeline, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::log, Asks::AnyViewer, About::Run>,
    Verb<&Session::document, Asks::AnyViewer, About::Run>,
    Verb<&Session::tap, Asks::AnyViewer, About::Run>,
    Verb<&Session::live, Asks::AnyViewer, About::Run>,
    Verb<&Session::evaluate, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::verify, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::epochs, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::states, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::statePage, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::keyHistory, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::topKeys, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::inputs, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::exportStates, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::diff, Asks::AnyViewer, About::Pipeline>,
    Verb<&Session::rewind, Asks::Controller, About::Pipeline>>;
inline constexpr size_t kVerbs = std::tuple_size_v<Verbs>;

template <size_t Number>
using VerbAt = std::tuple_element_t<Number, Verbs>;

namespace verbs {

template <auto M, auto N>
constexpr bool same()
{
    if constexpr (std::is_same_v<decltype(M), decltype(N)>) return M == N;
    return false;
}

template <auto M, size_t... I>
constexpr size_t numberOf(std::index_sequence<I...>)
{
    size_t found = kVerbs;
    ((same<M, VerbAt<I>::kMethod>() ? found = I : found), ...);
    return found;
}

}

template <auto M>
inline constexpr size_t kNumberOf = verbs::numberOf<M>(std::make_index_sequence<kVerbs>());

// A value or an Error.
template <class T>
struct Wire<Result<T>> {
    static void write(Writer& out, const Result<T>& result)
    {
        out.byte(result ? 1 : 0);
        if (!result) Wire<Error>::write(out, result.error());
        else if constexpr (!std::is_void_v<T>) Wire<T>::write(out, *result);
    }
    static Result<T> read(Reader& in)
    {
        if (!in.byte()) return Wire<Error>::read(in);
        if constexpr (std::is_void_v<T>) return {};
        else return Wire<T>::read(in);
    }
    static void describe(std::string& shape)
    {
        Wire<Error>::describe(shape += '|');
        if constexpr (!std::is_void_v<T>) Wire<T>::describe(shape);
    }
};

// The first words of both sides.
struct Hello {
    int64_t protocol = kSessionProtocol;
    std::string shape;                  // of all messages, shortened to a hash
    std::string viewer;                 // tells viewers apart, and one that comes back from others
    std::string refused;                // why the server does not answer calls; empty if it does
};
Hello ourHello(std::string viewer = {});
std::string printHello(const Hello& hello);
Result<Hello> readHello(std::string_view text);
// Why these two cannot talk; empty if they can.
std::string mismatchOf(const Hello& server, const Hello& viewer);

}

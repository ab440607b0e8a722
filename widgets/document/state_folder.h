// The user's folders for what the designer keeps by itself: journals of untitled pipelines, versions of saved ones;
// and what untitled pipelines write.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace streamwright {

// $XDG_STATE_HOME/streamwright, by default ~/.local/state/streamwright. Not made here.
std::filesystem::path stateFolder();

// $XDG_DATA_HOME/streamwright, by default ~/.local/share/streamwright: what relative paths of untitled pipelines
// belong to. Not made here.
std::filesystem::path untitledFolder();

// SHA-256 in hexadecimal digits.
std::string hashOf(std::string_view bytes);

}

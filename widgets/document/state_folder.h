// The user's folder for what the designer keeps by itself: journals of untitled pipelines, versions of saved ones.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace streamwright {

// $XDG_STATE_HOME/streamwright, by default ~/.local/state/streamwright. Not made here.
std::filesystem::path stateFolder();

// SHA-256 in hexadecimal digits.
std::string hashOf(std::string_view bytes);

}

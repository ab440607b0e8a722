// Text for people at a terminal.
#pragma once
#include <string>
#include <string_view>

namespace streamwright {

// Control characters, which could move the cursor or hide text, as \u001b. Line ends and tabs stay.
std::string printable(std::string_view text);

// A message of the system as it continues one of ours: with a small first letter.
std::string continued(std::string message);

}

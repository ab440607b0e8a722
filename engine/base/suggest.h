// "Did you mean …": the closest of the known names, if one is close enough.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace streamwright {

// `did you mean "amount"?`, or empty when nothing is near.
std::string didYouMean(std::string_view written, const std::vector<std::string>& known);

}

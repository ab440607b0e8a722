// Names of dates and times in English. Private to date_pattern.cpp and date_reading.cpp.
#pragma once
#include <string_view>

namespace streamwright {

inline constexpr std::string_view kMonths[] = {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"};
inline constexpr std::string_view kDays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
inline constexpr std::string_view kQuarters[] = {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"};

}

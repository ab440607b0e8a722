// What a source or sink counts of its connection with the world outside, for people and for monitoring: "connected",
// "bytes", "errors", "lag". A name stays what it is; a number is of this run.
#pragma once
#include <string>
#include <vector>

namespace streamwright {

struct Reading {
    std::string name;   // lower_snake, with its unit where it has one: "lag_rows"
    double value = 0;
};
using Readings = std::vector<Reading>;

}

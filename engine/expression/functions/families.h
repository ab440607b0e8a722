// Parts of the families that stand in files of their own, and kernels that several families use.
#pragma once
#include "engine/expression/function.h"

namespace streamwright {

void addBitFunctions(std::vector<Function>& all);        // bits.cpp, of math
void addRandomFunctions(std::vector<Function>& all);     // random.cpp, of several families
void addHashFunctions(std::vector<Function>& all);       // hash.cpp, of text
void addUrlFunctions(std::vector<Function>& all);        // url.cpp, of text
void addEncodingFunctions(std::vector<Function>& all);   // encoding.cpp, of text
void addTextSearch(std::vector<Function>& all);          // search.cpp, of text
void addTextDistance(std::vector<Function>& all);        // distance.cpp, of text
void addFormatFunctions(std::vector<Function>& all);     // format.cpp, of text
void addDateParts(std::vector<Function>& all);           // date_parts.cpp, of time
void addDateMaking(std::vector<Function>& all);          // date_making.cpp, of time
void addDateText(std::vector<Function>& all);            // date_text.cpp, of time
void addArraySets(std::vector<Function>& all);           // array_sets.cpp, of array
void addJsonPaths(std::vector<Function>& all);           // json_path.cpp, of json
void addJsonReading(std::vector<Function>& all);         // json_reading.cpp, of json
void addJsonSchemas(std::vector<Function>& all);         // json_schema.cpp, of json
void addCsvReading(std::vector<Function>& all);          // csv_reading.cpp, of json
void addCsvWriting(std::vector<Function>& all);          // csv_writing.cpp, of json

ColumnPtr lowerText(const Call& call);                   // letter_case.cpp
ColumnPtr upperText(const Call& call);
ColumnPtr initialCaps(const Call& call);
ColumnPtr splitText(const Call& call);                   // split.cpp
ColumnPtr concatArrays(const Call& call);                // array.cpp
ColumnPtr reverseArrays(const Call& call);
ColumnPtr numberToChar(const Call& call);                // format.cpp
ColumnPtr binaryToChar(const Call& call);                // format.cpp

}

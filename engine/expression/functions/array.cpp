#include "engine/expression/functions/families.h"

namespace streamwright {

std::vector<Function> arrayFunctions() { return {}; }

}

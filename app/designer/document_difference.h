// In what two documents differ, for people.
#pragma once
#include "engine/pipeline/document.h"

#include <QString>

namespace streamwright {

// Empty when they mean the same: where nodes lie does not count.
QString differenceOf(const Document& here, const Document& there);

}

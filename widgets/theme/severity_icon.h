// Severity by shape and colour: a triangle with "!" for a warning, a cross in a disc for an error.
#pragma once
#include "engine/base/diagnostic.h"

#include <QIcon>

namespace streamwright {

QIcon severityIcon(Severity severity);

}

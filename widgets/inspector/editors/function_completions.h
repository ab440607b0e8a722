// The functions of expressions as completions. Apart from completions.h: the expression room and the session both
// have a Call, which must not meet in one source.
#pragma once
#include <QString>
#include <vector>

namespace streamwright {

struct Completion {
    QString text;       // what is inserted
    QString detail;     // type or usage
    QString help;
};

std::vector<Completion> functionCompletions();
std::vector<Completion> aggregateCompletions();

}

// Which state of an epoch is looked at. UI thread.
#pragma once
#include "engine/control/session.h"

#include <QComboBox>

namespace streamwright {

class StateChoice : public QComboBox {
    Q_OBJECT

public:
    explicit StateChoice(QWidget* parent);
    // Keeps what was chosen, where it is still there.
    void setStates(const std::vector<StateInfo>& states);
    bool isEmpty() const { return count() == 0; }
    NodeId node() const;
    std::string state() const;
};

}

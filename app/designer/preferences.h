// What the user chose for all pipelines; kept in QSettings.
#pragma once
#include "widgets/theme/theme_host.h"

namespace streamwright::Preferences {

// UI scale: an environment variable that Qt reads when the application is made.
void applyBeforeStart();
// At once, and kept.
void setTheme(ThemeHost::Choice choice);
// Theme and motion, once the application is there.
void apply();

}

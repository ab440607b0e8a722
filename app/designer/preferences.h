// What the user chose for all pipelines; kept in QSettings.
#pragma once

namespace streamwright::Preferences {

// UI scale: an environment variable that Qt reads when the application is made.
void applyBeforeStart();
// Theme and motion, once the application is there.
void apply();

}

// The small windows behind verbs of the action table. UI thread.
#pragma once

namespace streamwright {

class MainWindow;

void showCommandPalette(MainWindow& window);    // every verb, by typing a part of its name
void showShortcutSheet(MainWindow& window);     // every key, by where it works
void showKeyDialog(MainWindow& window);         // other keys for the verbs; refuses what is taken
void showPreferences(MainWindow& window);       // theme, scale, wheel
void showFind(MainWindow& window);              // names, options and values of the pipeline
void showRename(MainWindow& window);            // the name of the selected node, and what changing it costs
void showAttach(MainWindow& window);            // runs elsewhere, to look at and control
void showAbout(MainWindow& window);
void copyReport(MainWindow& window);            // version, system, problems and log, without secrets

}

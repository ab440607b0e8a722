#include "app/designer/actions.h"
#include "app/designer/dialogs.h"
#include "app/designer/main_window.h"
#include "app/designer/preferences.h"
#include "widgets/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QMenu>
#include <QPushButton>
#include <QSettings>

namespace streamwright {

namespace {

const QString kTheme = QStringLiteral("look/theme");
const QString kScale = QStringLiteral("look/scale");
const QString kReducedMotion = QStringLiteral("look/reduced_motion");

// What the menu View, Theme offers.
QComboBox* themeBox(const MainWindow& window, QWidget* parent)
{
    auto* box = new QComboBox(parent);
    const QList<QAction*> themes = window.actions().menu(QStringLiteral("&View/&Theme"))->actions();
    for (const QAction* theme : themes) {
        box->addItem(plainText(theme->text()));
        if (theme->isChecked()) box->setCurrentIndex(box->count() - 1);
    }
    QObject::connect(box, &QComboBox::currentIndexChanged, box, [themes](int chosen) { themes[chosen]->trigger(); });
    return box;
}

QComboBox* scaleBox(QWidget* parent)
{
    auto* box = new QComboBox(parent);
    for (int percent : {75, 100, 125, 150, 175, 200, 250, 300}) box->addItem(MainWindow::tr("%1 %").arg(percent), percent);
    box->setCurrentIndex(std::max(0, box->findData(QSettings().value(kScale, 100).toInt())));
    box->setToolTip(MainWindow::tr("Takes effect when Streamwright starts the next time"));
    QObject::connect(box, &QComboBox::currentIndexChanged, box, [box] { QSettings().setValue(kScale, box->currentData()); });
    return box;
}

}

void Preferences::applyBeforeStart()
{
    const int percent = QSettings(QStringLiteral("streamwright"), QStringLiteral("designer")).value(kScale, 100).toInt();
    if (percent != 100 && qEnvironmentVariableIsEmpty("QT_SCALE_FACTOR")) qputenv("QT_SCALE_FACTOR", QByteArray::number(percent / 100.0));
}

void Preferences::setTheme(ThemeHost::Choice choice)
{
    QSettings().setValue(kTheme, static_cast<int>(choice));
    ThemeHost::instance().choose(choice);
}

void Preferences::apply()
{
    const QSettings settings;
    ThemeHost::instance().setPreferReducedMotion(settings.value(kReducedMotion, false).toBool());
    ThemeHost::instance().choose(static_cast<ThemeHost::Choice>(settings.value(kTheme, static_cast<int>(ThemeHost::Choice::System)).toInt()));
}

void showPreferences(MainWindow& window)
{
    auto* dialog = new QDialog(&window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(MainWindow::tr("Preferences"));
    auto* form = new QFormLayout(dialog);
    form->addRow(MainWindow::tr("Theme"), themeBox(window, dialog));
    form->addRow(MainWindow::tr("Size of text and controls, at the next start"), scaleBox(dialog));
    auto* motion = new QCheckBox(MainWindow::tr("Nothing moves by itself"), dialog);
    motion->setChecked(QSettings().value(kReducedMotion, false).toBool());
    QObject::connect(motion, &QCheckBox::toggled, dialog, [](bool reduced) {
        QSettings().setValue(kReducedMotion, reduced);
        ThemeHost::instance().setPreferReducedMotion(reduced);
    });
    form->addRow(motion);
    auto* wheel = new QCheckBox(MainWindow::tr("The wheel scrolls the canvas, with Ctrl it zooms"), dialog);
    wheel->setChecked(window.wheelScrolls());
    QObject::connect(wheel, &QCheckBox::toggled, &window, &MainWindow::setWheelScrolls);
    form->addRow(wheel);
    auto* keys = new QPushButton(MainWindow::tr("Change keys…"), dialog);
    QObject::connect(keys, &QPushButton::clicked, &window, [&window] { showKeyDialog(window); });
    keys->setAutoDefault(false);
    form->addRow(keys);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    form->addRow(buttons);
    dialog->show();
}

}

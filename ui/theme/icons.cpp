#include "ui/theme/icons.h"

#include <QIconEngine>
#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

namespace rlcm::ui {
namespace {

/// Shapes in a 24x24 box; strokes inherit the pen of the group, INK stands for its colour.
const char* shapeOf(Icon which) {
    switch (which) {
        case Icon::Add:
            return "<path d='M12 5v14M5 12h14'/>";
        case Icon::Play:
            return "<path d='M8 5.5v13l10.5-6.5z' fill='INK'/>";
        case Icon::Pause:
            return "<path d='M8.5 6v12M15.5 6v12' stroke-width='3'/>";
        case Icon::Stop:
            return "<rect x='6.5' y='6.5' width='11' height='11' rx='1.5' fill='INK'/>";
        case Icon::StopAfter:
            return "<rect x='4.5' y='7.5' width='9' height='9' rx='1.5'/><path d='M19 6v12'/>";
        case Icon::Camera:
            return "<path d='M4 8.5h3.5l1.5-2.5h6l1.5 2.5H20v10H4z'/><circle cx='12' cy='13.2' r='3'/>";
        case Icon::Save:
            return "<path d='M12 4v11M7.5 10.8L12 15.3l4.5-4.5M5 19.5h14'/>";
        case Icon::Folder:
            return "<path d='M3.5 6.5h6l2 2.5h9v9.5h-17z'/>";
        case Icon::Trash:
            return "<path d='M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7M10.3 10.5v5.5M13.7 10.5v5.5'/>";
        case Icon::Copy:
            return "<rect x='8.5' y='8.5' width='11' height='11' rx='1.5'/><path d='M15.5 8.5v-4h-11v11h4'/>";
        case Icon::Clone:
            return "<rect x='8.5' y='8.5' width='11' height='11' rx='1.5'/><path d='M15.5 8.5v-4h-11v11h4M14 "
                   "11.5v5M11.5 14h5'/>";
        case Icon::Rename:
            return "<path d='M5 19l1-4L15.5 5.5l3 3L9 18z M13.5 7.5l3 3'/>";
        case Icon::Eye:
            return "<path d='M2.8 12C6.5 5.5 17.5 5.5 21.2 12 17.5 18.5 6.5 18.5 2.8 12z'/><circle cx='12' "
                   "cy='12' r='2.8'/>";
        case Icon::EyeOff:
            return "<path d='M2.8 12C6.5 5.5 17.5 5.5 21.2 12 17.5 18.5 6.5 18.5 2.8 12zM4.5 19.5l15-15'/>";
        case Icon::Export:
            return "<path d='M12 15V4M7.5 8.2L12 3.7l4.5 4.5M5 13v6.5h14V13'/>";
        case Icon::Search:
            return "<circle cx='10.5' cy='10.5' r='6'/><path d='M15 15l5 5'/>";
        case Icon::Settings:
            return "<path d='M4 7h8M17 7h3M4 17h3M12 17h8'/><circle cx='14.5' cy='7' r='2.4'/><circle "
                   "cx='9.5' cy='17' r='2.4'/>";
        case Icon::Refresh:
            return "<path d='M19 12a7 7 0 1 1-2.2-5.1M17.5 3v4.5H13'/>";
        case Icon::Close:
            return "<path d='M6.5 6.5l11 11M17.5 6.5l-11 11'/>";
        case Icon::Check:
            return "<path d='M5 12.5l4.7 4.7L19 7.5'/>";
        case Icon::Warning:
            return "<path d='M12 4L2.8 19.5h18.4zM12 10v4.5'/><circle cx='12' cy='17' r='.6' fill='INK'/>";
        case Icon::Error:
            return "<circle cx='12' cy='12' r='8.5'/><path d='M9 9l6 6M15 9l-6 6'/>";
        case Icon::Info:
            return "<circle cx='12' cy='12' r='8.5'/><path d='M12 11v5.5'/><circle cx='12' cy='7.8' r='.6' "
                   "fill='INK'/>";
        case Icon::Clock:
            return "<circle cx='12' cy='12' r='8.5'/><path d='M12 7v5l3.5 2'/>";
        case Icon::Queue:
            return "<path d='M4 6.5h16M4 12h16M4 17.5h9'/>";
        case Icon::Chart:
            return "<path d='M4 4v16h16M7.5 15.5l4-5 3 2.5 5-7'/>";
        case Icon::Grid:
            return "<rect x='4' y='4' width='6.5' height='6.5' rx='1'/><rect x='13.5' y='4' width='6.5' "
                   "height='6.5' rx='1'/>"
                   "<rect x='4' y='13.5' width='6.5' height='6.5' rx='1'/><rect x='13.5' y='13.5' "
                   "width='6.5' height='6.5' rx='1'/>";
        case Icon::Table:
            return "<rect x='4' y='5' width='16' height='14' rx='1.5'/><path d='M4 10h16M10 10v9'/>";
        case Icon::Live:
            return "<circle cx='12' cy='12' r='2.4' fill='INK'/><path d='M7.5 7.5a6.4 6.4 0 0 0 0 9M16.5 "
                   "7.5a6.4 6.4 0 0 1 0 9"
                   "M4.6 4.6a10.4 10.4 0 0 0 0 14.8M19.4 4.6a10.4 10.4 0 0 1 0 14.8'/>";
        case Icon::First:
            return "<path d='M6 6v12M18 6l-7.5 6 7.5 6z'/>";
        case Icon::Last:
            return "<path d='M18 6v12M6 6l7.5 6L6 18z'/>";
        case Icon::Previous:
            return "<path d='M14.5 6L8.5 12l6 6'/>";
        case Icon::Next:
            return "<path d='M9.5 6l6 6-6 6'/>";
        case Icon::Help:
            return "<circle cx='12' cy='12' r='8.5'/><path d='M9.6 9.6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.2.9-1.2 "
                   "1.9'/>"
                   "<circle cx='12' cy='16.6' r='.6' fill='INK'/>";
        case Icon::Moon:
            return "<path d='M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z'/>";
        case Icon::Sun:
            return "<circle cx='12' cy='12' r='4'/><path d='M12 2.8v2.4M12 18.8v2.4M2.8 12h2.4M18.8 "
                   "12h2.4M5.5 5.5l1.7 1.7"
                   "M16.8 16.8l1.7 1.7M5.5 18.5l1.7-1.7M16.8 7.2l1.7-1.7'/>";
        case Icon::More:
            return "<circle cx='6' cy='12' r='1.1' fill='INK'/><circle cx='12' cy='12' r='1.1' "
                   "fill='INK'/><circle cx='18' cy='12' r='1.1' fill='INK'/>";
        case Icon::Undo:
            return "<path d='M8.5 5L4.5 9l4 4M4.5 9H14a5 5 0 0 1 0 10H9'/>";
        case Icon::Spark:
            return "<path d='M12 3.5l2.2 6.3 6.3 2.2-6.3 2.2L12 20.5l-2.2-6.3L3.5 12l6.3-2.2z'/>";
        case Icon::Group:
            return "<path d='M3 17c4 0 5-9 9-9s5 4 9 1M3 20.5c5 0 6-6 10-6s5 2 8 0'/>";
        case Icon::Pin:
            return "<path d='M9 4h6M10 4v6l-3 4h10l-3-4V4M12 14v6.5'/>";
        case Icon::Flag:
            return "<path d='M6 21V4M6 4.5c4-2 7 2 12 0V13c-5 2-8-2-12 0'/>";
    }
    return "";
}

/// Renders at any size and pixel ratio and looks up its colour when painting, so a theme change needs no new
/// icons.
class LineIconEngine : public QIconEngine {
public:
    LineIconEngine(Icon which, Role role) : m_which(which), m_role(role) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        const QColor ink = colour(mode == QIcon::Disabled ? Role::DisabledText : m_role);
        QByteArray svg(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='-1.5 -1.5 27 27'><g fill='none' stroke='INK' "
            "stroke-width='1.8' "
            "stroke-linecap='round' stroke-linejoin='round'>");
        svg += shapeOf(m_which);
        svg += "</g></svg>";
        svg.replace("INK", ink.name().toLatin1());
        QSvgRenderer renderer(svg);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const int side = std::min(rect.width(), rect.height());
        QRectF box(0, 0, side, side);
        box.moveCenter(QRectF(rect).center());
        renderer.render(painter, box);
        painter->restore();
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        QPixmap result(size);
        result.fill(Qt::transparent);
        QPainter painter(&result);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return result;
    }
    QIconEngine* clone() const override { return new LineIconEngine(*this); }

private:
    Icon m_which;
    Role m_role;
};

}  // namespace

QIcon icon(Icon which, Role role) {
    return QIcon(new LineIconEngine(which, role));
}

}  // namespace rlcm::ui

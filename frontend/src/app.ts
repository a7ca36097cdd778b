/** Entry of every page: each module enhances what the server rendered. */
import './styles/app.css'
import { startFiles } from './files/index'
import { startImports } from './imports/index'
import { startBusy } from './shell/busy'
import { startConfirm } from './shell/confirm'
import { startDialogs } from './shell/dialogs'
import { startDrops } from './shell/drops'
import { startJobs } from './shell/jobs'
import { startMenus } from './shell/menus'
import { startPreferences } from './shell/preferences'
import { startTicks } from './shell/ticks'
import { startTimes } from './shell/times'
import { startToasts } from './shell/toasts'
import { startTooltips } from './shell/tooltips'
import { startUpgrade } from './shell/upgrade'
import { startUpload } from './upload/index'
import { startRefresh } from './upload/refresh'

startToasts()
startConfirm()
startDialogs()
startDrops()
startMenus()
startTooltips()
startPreferences()
startJobs()
startTicks()
startTimes()
startFiles()
startUpgrade()
startUpload()
startRefresh()
startImports()
startBusy()
document.documentElement.dataset.ready = ''

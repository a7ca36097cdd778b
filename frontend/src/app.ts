/** Entry of every page. */
import './styles/app.css'

/** The console: Django's admin in our colours. All it needs is its styles; htmx does the rest. */
import './console.css'

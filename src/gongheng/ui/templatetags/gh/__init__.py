"""All template tags of the platform under one name: {% load gh %} (模板标签)."""

from django import template

from gongheng.ui.templatetags.gh import components, forms, values

register = template.Library()
for library in (values.register, components.register, forms.register):
    register.tags.update(library.tags)
    register.filters.update(library.filters)

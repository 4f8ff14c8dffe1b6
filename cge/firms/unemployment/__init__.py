"""Unemployment from search in the labour market (chapter, section 10; Helpman and Itskhoki 2010; Felbermayr, Prat and Schmerer 2011)."""

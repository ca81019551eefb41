-- | The loops of interchange on plain memory. GHC does not vectorise them.
module Main (main) where

import Driver (run, upTo)
import Foreign (Ptr, peekElemOff, pokeElemOff)

multiply :: Ptr Double -> Ptr Double -> Ptr Double -> Int -> Int -> IO ()
multiply a b c n rows =
  upTo rows $ \i -> do
    upTo n $ \j -> pokeElemOff c (i * n + j) 0
    upTo n $ \k -> do
      aik <- peekElemOff a (i * n + k)
      upTo n $ \j -> do
        bkj <- peekElemOff b (k * n + j)
        cij <- peekElemOff c (i * n + j)
        pokeElemOff c (i * n + j) (cij + aik * bkj)

main :: IO ()
main = run multiply
